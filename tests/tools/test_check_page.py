"""check_page: what an editor would look for before publishing, and where it stands."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Page,
    PageViewRestriction,
    ReferenceIndex,
)

from blog.models import BlogPage
from mcp_server.content import checking, checking_base
from mcp_server.content.checking_base import Finding, Inspection, page_check
from mcp_server.content.checking_text import count_words, read_html
from mcp_server.errors import Refused
from mcp_server.tools.checking import check_page
from tests.kitchen.models import Course, DishPage, DishSource, KitchenPage
from tests.world import World

IDS = [f"{index:08d}-0000-4000-8000-000000000000" for index in range(60)]


@pytest.fixture
def dish(world: World) -> DishPage:
    """A page of a type with every kind of field, empty."""
    kitchen = world.home.add_child(instance=KitchenPage(title="Kitchen", slug="kitchen"))
    page: DishPage = kitchen.add_child(instance=DishPage(title="Dish", slug="dish", live=False))
    page.save_revision()
    return page


def block(index: int, kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "id": IDS[index]}


def rich(html: str) -> list[dict[str, Any]]:
    return [block(0, "paragraph", html)]


def saved(page: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision()
    return Page.objects.get(pk=page.pk).specific


def found(world: World, page: Any, check: str, person: str = "admin") -> list[Finding]:
    checkup = check_page(world.actor(person), page.pk)
    return [finding for finding in checkup.findings if finding.check == check]


def places(world: World, page: Any, check: str) -> list[str]:
    return [finding.where for finding in found(world, page, check)]


# Headings


def test_a_skipped_level_is_found_with_its_block(world: World) -> None:
    heading = {"text": "Details", "level": "h4"}
    body = [block(0, "heading", {"text": "Plan", "level": "h2"}), block(1, "heading", heading)]
    (finding,) = found(world, saved(world.second, body=body), "headings")
    assert finding.where == f"body.{IDS[1]}"
    assert finding.message == "“Details” is an h4 after an h2"
    assert finding.suggestion == "Make it an h3."


def test_levels_in_order_are_fine(world: World) -> None:
    levels = ["h2", "h3", "h4", "h2", "h3"]
    body = [
        block(index, "heading", {"text": f"Part {index}", "level": level})
        for index, level in enumerate(levels)
    ]
    assert not found(world, saved(world.second, body=body), "headings")


def test_headings_in_rich_text_count_too(world: World, dish: DishPage) -> None:
    html = "<h2>One</h2><p>x</p><h4>Two</h4><h1>Three</h1><h2> </h2>"
    messages = [item.message for item in found(world, saved(dish, body=rich(html)), "headings")]
    assert messages == [
        "“Two” is an h4 after an h2",
        "“Three” is an h1, as the page's title is",
        "empty heading",
    ]


def test_each_field_begins_anew_and_a_heading_without_level_skips_none(
    world: World, dish: DishPage
) -> None:
    body = [block(0, "heading", "No level"), block(1, "paragraph", "<h4>Deep</h4>")]
    page = saved(dish, notes="<h2>A</h2><h3>B</h3>", body=body)
    assert not found(world, page, "headings")
    assert places(world, saved(dish, notes="<h3>B</h3>", body=[]), "headings") == ["notes"]


# Alt text


def test_pictures_without_alt_text_in_every_kind_of_place(world: World, dish: DishPage) -> None:
    number = world.image.pk
    picture = {"image": number, "alt_text": "", "decorative": False}
    embed = f'<embed embedtype="image" id="{number}" format="left"/>'
    step = {"title": "Cut", "content": [block(9, "picture", number)]}
    body = [
        block(0, "image", picture),
        block(1, "paragraph", f"<p>x</p>{embed}"),
        block(2, "steps", [{"type": "item", "value": step, "id": IDS[8]}]),
    ]
    page = saved(dish, photo=world.image, body=body)
    assert places(world, page, "alt_text") == [
        "photo",
        f"body.{IDS[0]}.alt_text",
        f"body.{IDS[1]}",
        f"body.{IDS[2]}.{IDS[8]}.content.{IDS[9]}",
    ]
    (first, *_) = found(world, page, "alt_text")
    assert f"update_image({number}, alt=…)" in first.suggestion


def test_alt_text_of_the_place_or_of_the_library_and_decoration_are_fine(
    world: World, dish: DishPage
) -> None:
    number = world.image.pk
    get_image_model().objects.filter(pk=number).update(description="A meadow in May")
    embeds = [
        f'<embed embedtype="image" id="{number}" format="left" alt="{alt}"/>' for alt in ["a", ""]
    ]
    body = [
        block(0, "image", {"image": number, "alt_text": "Bees", "decorative": False}),
        block(1, "image", {"image": number, "alt_text": "", "decorative": True}),
        block(2, "paragraph", "".join(embeds)),
    ]
    assert not found(world, saved(dish, photo=world.image, body=body), "alt_text")


def test_a_file_name_is_no_alt_text(world: World) -> None:
    picture = {"image": world.image.pk, "alt_text": "IMG_2041.jpg", "decorative": False}
    (finding,) = found(world, saved(world.second, body=[block(0, "image", picture)]), "alt_text")
    assert "is a file name" in finding.message


# Links


def test_links_to_pages_that_visitors_cannot_open(world: World) -> None:
    html = "".join(
        f'<p><a linktype="page" id="{pk}">x</a></p>'
        for pk in (world.team.pk, 987654, world.first.pk)
    )
    messages = [item.message for item in found(world, saved(world.second, body=rich(html)), "link")]
    assert messages == [
        f"“Team” (page {world.team.pk}) is not published",
        "page 987654 is not there for visitors",
    ]


def test_choosers_are_links_too(world: World, dish: DishPage) -> None:
    body = [block(0, "related", world.team.pk), block(1, "related", world.first.pk)]
    page = saved(dish, goes_with=world.second, body=body)
    assert places(world, page, "link") == ["goes_with", f"body.{IDS[0]}"]


def test_documents_images_and_snippets_that_are_gone(world: World, dish: DishPage) -> None:
    course = Course.objects.create(name="Starter")
    body = [
        block(0, "recipe", 4711),
        block(1, "image", {"image": 4712, "alt_text": "x", "decorative": False}),
        block(2, "course", 4713),
        block(3, "course", course.pk),
        block(4, "paragraph", '<p><a linktype="document" id="4714">x</a></p>'),
    ]
    page = saved(dish, body=body)
    wanted = [f"body.{IDS[0]}", f"body.{IDS[1]}.image", f"body.{IDS[2]}", f"body.{IDS[4]}"]
    assert places(world, page, "link") == wanted


def test_a_private_document_is_told_to_those_who_may_see_it(world: World) -> None:
    document = get_document_model().objects.create(
        title="Plan", file=ContentFile(b"x", name="plan.txt"), collection=world.archive
    )
    page = saved(world.second, body=rich(f'<p><a linktype="document" id="{document.pk}">x</a></p>'))
    assert not found(world, page, "link")
    CollectionViewRestriction.objects.create(
        collection=Collection.objects.get(pk=world.archive.pk), restriction_type="login"
    )
    assert "private collection" in found(world, page, "link")[0].message
    hidden = found(world, page, "link", "editor")[0].message
    assert hidden == f"document {document.pk} is not there for visitors"


def test_what_the_actor_may_not_see_looks_like_what_is_gone(world: World) -> None:
    """The editor does not see Team, a draft in the outsider's section, nor its title."""
    numbers = (world.team.pk, 987654)
    html = "".join(f'<a linktype="page" id="{pk}">x</a>' for pk in numbers)
    told = found(world, saved(world.second, body=rich(html)), "link", "editor")
    assert [item.message for item in told] == [
        f"page {pk} is not there for visitors" for pk in numbers
    ]
    assert "Team" not in check_page(world.actor("editor"), world.second.pk).model_dump_json()


def test_a_live_page_elsewhere_is_no_broken_link(world: World) -> None:
    html = f'<p><a linktype="page" id="{world.about.pk}">x</a></p>'
    assert not found(world, saved(world.second, body=rich(html)), "link", "editor")


def test_a_link_into_a_private_section(world: World) -> None:
    PageViewRestriction.objects.create(page=world.about, restriction_type="login")
    html = f'<p><a linktype="page" id="{world.about.pk}">x</a></p>'
    (finding,) = found(world, saved(world.second, body=rich(html)), "link")
    assert finding.message == f"“About” (page {world.about.pk}) is only for: logged-in users"
    assert not found(world, saved(world.team, body=rich(html)), "link")


@pytest.mark.parametrize(
    ("href", "broken"),
    [
        ("/blog/first/", False),
        ("/blog/first?x=1#part", False),
        ("http://testserver/blog/first/", False),
        ("/blog/gone/", True),
        ("http://testserver/gone", True),
        ("/blog/second/", True),
        ("/moved/", False),
        ("/search/", False),
        ("/media/a.png", False),
        ("https://example.org/gone/", False),
        ("mailto:a@example.org", False),
        ("http://[", False),
        ("#part", False),
    ],
)
def test_typed_addresses_of_the_site_itself(
    world: World, dish: DishPage, href: str, broken: bool
) -> None:
    Redirect.objects.create(old_path="/moved", redirect_page=world.first)
    body = [block(0, "paragraph", f'<p><a href="{href}">x</a></p>')]
    if href.startswith("http://test"):
        body.append(block(1, "link", href))
    wanted = [f"body.{item['id']}" for item in body] if broken else []
    assert places(world, saved(dish, body=body), "link") == wanted


# Required fields, lengths


def test_what_publishing_asks_for_is_named_with_its_block(world: World) -> None:
    value = {"text": "", "attribution": ""}
    columns = {"left": [block(5, "heading", {"text": "", "level": "h2"})], "right": []}
    body = [block(0, "quote", value), block(1, "two_columns", columns)]
    wanted = [f"body.{IDS[0]}.text", f"body.{IDS[1]}.left.{IDS[5]}.text", f"body.{IDS[1]}.right"]
    page = saved(world.second, body=body)
    assert places(world, page, "required") == wanted
    assert places(world, saved(world.second, body=[]), "required") == ["body"]
    assert not found(world, world.first, "required")


def test_rows_of_inline_panels_are_looked_into(world: World, dish: DishPage) -> None:
    dish.sources = [
        DishSource(title="", about=f'<a linktype="page" id="{world.team.pk}">x</a>'),
        DishSource(title="Book", blocks=[block(3, "line", "")]),
    ]
    page = saved(dish)
    assert "sources[0].title" in places(world, page, "required")
    assert places(world, page, "link") == ["sources[0].about"]


def test_a_hidden_field_is_not_explained(world: World, dish: DishPage, settings: Any) -> None:
    settings.MCP_SERVER = {"HIDDEN_FIELDS": {"kitchen.DishPage": ["website"]}}
    dish.website = "SECRET place"
    dish.save_revision(clean=False)
    (finding,) = found(world, dish, "invalid")
    assert finding.where == ""
    assert "SECRET" not in finding.message + finding.suggestion
    assert "website" not in finding.message + finding.suggestion


def test_long_titles_and_descriptions(world: World) -> None:
    page = saved(world.second, title="T" * 61, search_description="d" * 161)
    assert places(world, page, "length") == ["title", "search_description"]
    page = saved(world.second, seo_title="Short", search_description="d" * 160)
    assert not found(world, page, "length")


# Doubles and orphans


def test_the_same_title_in_the_same_section_or_type(world: World) -> None:
    (finding,) = found(world, saved(world.second, title="first"), "duplicate_title")
    assert finding.message == f"page {world.first.pk} (/blog/first/) has this title too"
    assert not found(world, saved(world.second, title="About"), "duplicate_title")


def test_a_double_that_the_actor_does_not_see_is_not_told(world: World) -> None:
    world.about.add_child(instance=BlogPage(title="Zebra", slug="zebra"))
    page = saved(world.second, title="Zebra")
    assert found(world, page, "duplicate_title")
    assert not found(world, page, "duplicate_title", "editor")


def test_a_slug_that_a_sibling_has(world: World) -> None:
    # A draft may have a slug that a sibling was given since.
    page = saved(world.second, slug="taken")
    Page.objects.filter(pk=world.first.pk).update(slug="taken")
    assert places(world, page, "duplicate_slug") == ["slug"]
    assert "slug" not in places(world, page, "invalid")
    assert not found(world, world.first, "duplicate_slug")


def test_an_orphan_is_found_until_something_leads_to_it(world: World) -> None:
    page = world.home.add_child(instance=KitchenPage(title="K", slug="k"))
    page.save_revision()
    assert found(world, page, "orphan")
    world.about.body = rich(f'<p><a linktype="page" id="{page.pk}">x</a></p>')
    world.about.save()
    assert ReferenceIndex.get_references_to(page).exists()
    assert not found(world, page, "orphan")
    Page.objects.filter(pk=world.about.pk).update(live=False)
    assert found(world, page, "orphan")
    assert not found(world, saved(page, show_in_menus=True), "orphan")


def test_a_list_on_the_parent_leads_to_its_children(world: World) -> None:
    assert not found(world, world.first, "orphan")
    # Not published yet: the list will hold it as it holds its siblings.
    assert not found(world, world.second, "orphan")


def test_a_redirect_or_a_permission_leads_nobody_here(world: World) -> None:
    page = world.home.add_child(instance=KitchenPage(title="K", slug="k"))
    page.save_revision()
    redirect = ReferenceIndex(
        content_type=ContentType.objects.get(app_label="wagtailredirects", model="redirect"),
        object_id="1",
        to_object_id=str(page.pk),
        model_path="redirect_page",
        content_path="redirect_page",
        content_path_hash=UUID(int=1),
    )
    page_type = ContentType.objects.get_for_model(Page)
    redirect.base_content_type, redirect.to_content_type = redirect.content_type, page_type
    redirect.save()
    assert ReferenceIndex.get_references_to(page).exists()
    assert found(world, page, "orphan")
    course = ContentType.objects.get_for_model(Course)
    ReferenceIndex.objects.update(base_content_type=course, content_type=course)
    assert not found(world, page, "orphan")


# The whole


def test_the_answer_tells_length_and_version(world: World) -> None:
    draft = saved(world.first, body=rich("<p>" + "word " * 500 + "</p>"), title="First, again")
    actor = world.actor("admin")
    answer = check_page(actor, world.first.pk)
    assert (answer.revision_id, answer.title) == (draft.latest_revision_id, "First, again")
    assert (answer.words, answer.reading_minutes) == (502, 3)
    live = check_page(actor, world.first.pk, "live")
    assert (live.revision_id, live.title) == (draft.live_revision_id, "First")
    assert (live.words, live.reading_minutes) == (3, 1)


def test_draft_and_live_are_told_apart(world: World) -> None:
    saved(world.first, body=rich('<p><a linktype="page" id="987654">x</a></p>'))
    actor = world.actor("admin")
    assert "link" in {item.check for item in check_page(actor, world.first.pk, "draft").findings}
    assert not check_page(actor, world.first.pk, "live").findings
    with pytest.raises(Refused, match="no live version"):
        check_page(actor, world.second.pk, "live")
    with pytest.raises(Refused, match=r"may not read the draft"):
        check_page(world.actor("editor"), world.home.pk)


def test_a_site_adds_a_check(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking_base, "_added", [])

    @page_check
    def no_shouting(inspection: Inspection) -> Any:
        if inspection.page.title.isupper():
            yield Finding(check="shouting", where="title", message="loud", suggestion="Whisper.")

    assert not found(world, world.second, "shouting")
    assert places(world, saved(world.second, title="NOW"), "shouting") == ["title"]


def test_more_findings_than_one_reply_holds(world: World) -> None:
    body = [block(index, "heading", {"text": "", "level": "h2"}) for index in range(60)]
    answer = check_page(world.actor("admin"), saved(world.second, body=body).pk)
    assert len(answer.findings) == checking.MAX_FINDINGS
    assert answer.more_findings
    assert answer.more_findings >= 60


def many(world: World, dish: DishPage, count: int) -> Any:
    """Blocks that all point at something else."""
    images = [world.image.pk, world.secret_image.pk]
    body = []
    for index in range(count):
        step = {"title": "x", "content": [block(index, "picture", images[index % 2])]}
        body += [
            block(index, "image", {"image": images[index % 2], "alt_text": ""}),
            block(index, "related", (world.team.pk, world.first.pk)[index % 2]),
            block(index, "recipe", 5000 + index),
            block(index, "steps", [{"type": "item", "value": step, "id": IDS[index]}]),
            block(index, "paragraph", f'<p><a linktype="page" id="{6000 + index}">x</a></p>'),
        ]
    return saved(dish, body=body)


def test_queries_do_not_grow_with_the_blocks(
    world: World, dish: DishPage, django_assert_max_num_queries: Any
) -> None:
    actor = world.actor("admin")
    many(world, dish, 2)
    with django_assert_max_num_queries(200) as few:
        check_page(actor, dish.pk)
    many(world, dish, 50)
    with django_assert_max_num_queries(len(few) + 2):
        check_page(actor, dish.pk)


def test_hostile_nesting_is_read(world: World, dish: DishPage) -> None:
    html = "<b>" * 20_000 + "<h4>deep" + "<h2>" * 20_000 + "</b>" * 10 + "<a <embed <h1"
    inner = [block(3, "text", html)]
    for index in range(4, 14):
        inner = [block(index, "step", {"title": "x", "content": inner})]
    # What an older definition stored: types that are gone, values of another shape.
    odd = [block(20, "gone", "x"), block(21, "table", {"data": None}), block(22, "step", {})]
    body = [block(0, "paragraph", html), *inner, *odd]
    assert found(world, saved(dish, body=body), "headings")


def test_words_of_scripts_without_spaces() -> None:
    assert count_words("It's a well-kept garden, no. 7") == 6
    assert count_words("植物园在春天开放") == 4
    assert count_words("") == 0


def test_rich_text_in_one_go() -> None:
    read = read_html('<h2>A <b>b</b></h2><p>c<a href="/x/">d</a><a linktype="page" id="3">e</a>')
    assert read.headings == [(2, "A b")]
    assert (read.links, read.addresses) == ([("page", "3")], ["/x/"])
