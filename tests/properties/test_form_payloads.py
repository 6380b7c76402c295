"""Any JSON for any field: a saved draft or a sentence that says what is wrong."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.content.fields import form_fields
from mcp_server.errors import Refused
from mcp_server.tools.pages import create_page, get_page_content, update_page
from tests.kitchen.models import DishPage, KitchenPage
from tests.properties.conftest import Unharmed
from tests.properties.hostile import Strategy, json_values, numbers, texts
from tests.properties.profiles import examples
from tests.properties.trees import BLOCKS
from tests.world import World

NAMES = [
    "title", "slug", "summary", "story", "notes", "served_on", "opens", "cooked_at", "servings",
    "price", "rating", "vegan", "spice", "website", "contact", "photo", "menu", "goes_with",
    "course", "courses", "tags", "body", "sources", "secret", "seo_title", "search_description",
    "show_in_menus",
]  # fmt: skip
TYPES = [
    "heading", "paragraph", "plain", "quote", "step", "steps", "image", "related", "course",
    "recipe", "table", "prices", "day", "at", "moment", "link", "mail", "code", "divider",
    "pattern", "nothing",
]  # fmt: skip

anything = json_values()
table = st.fixed_dictionaries(
    {},
    optional={
        "data": st.lists(st.lists(json_values(2), max_size=3), max_size=3) | anything,
        "columns": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["text", "amount", "note", "x"])},
                optional={"heading": json_values(2)},
            ),
            max_size=3,
        ),
        "rows": st.lists(st.lists(json_values(2), max_size=3), max_size=3) | anything,
        "caption": json_values(2),
        "cell": anything,
        "mergeCells": anything,
        "table_header_choice": json_values(2),
    },
)
step = st.fixed_dictionaries(
    {"title": texts},
    optional={
        "minutes": numbers | texts,
        "level": texts | st.just("easy"),
        "tools": anything | st.lists(st.sampled_from(["pan", "pot", "lid"]), max_size=3),
        "content": anything | st.lists(st.sampled_from(BLOCKS), max_size=3),
    },
)
block = st.fixed_dictionaries(
    {
        "type": st.sampled_from(TYPES),
        "value": st.one_of(anything, texts, table, step, st.lists(step, max_size=2)),
    },
    optional={"id": st.sampled_from(["heading", "step", "one", "x"]) | json_values(2)},
)
row = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values(2),
        "title": texts,
        "url": texts,
        "about": texts,
        "blocks": anything | st.lists(block, max_size=2),
        "page": json_values(2),
        "ORDER": json_values(2),
        "DELETE": json_values(2),
    },
)
LIKELY: dict[str, Strategy] = {
    "body": st.lists(block, max_size=4),
    "sources": st.lists(row, max_size=3),
    "tags": st.lists(texts, max_size=4),
    "courses": st.lists(numbers | texts, max_size=4),
}


def field(name: str) -> Strategy:
    return st.one_of(LIKELY.get(name, texts | numbers), anything)


fields: Strategy = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: field(name) for name in names})
)
# The JSON of a call may hold any names.
strange: Strategy = st.dictionaries(st.text(max_size=8), anything, max_size=2)


def test_every_field_is_tried() -> None:
    assert set(NAMES) >= {name for name, _ in form_fields(DishPage)}


def written(world: World, dish: DishPage, values: dict[str, Any]) -> bool:
    """Whether the values were taken; what was taken can be read, and the rest stands as it was."""
    actor = world.actor("admin")
    before = get_page_content(actor, dish.pk).fields
    try:
        update_page(actor, dish.pk, dish.latest_revision_id, values)
    except Refused:
        taken = False
    else:
        taken = True
    after = get_page_content(actor, dish.pk)
    after.model_dump_json()
    left = {name for name in {*before, *after.fields} if not taken or name not in values}
    assert [name for name in left if before.get(name) != after.fields.get(name)] == []
    return taken


@pytest.mark.parametrize("name", NAMES)
def test_any_value_for_a_field(world: World, dish: DishPage, unharmed: Unharmed, name: str) -> None:
    many = 40 if name in ("body", "sources") else 8

    @given(value=field(name))
    @examples(many)
    def tried(value: Any) -> None:
        with unharmed():
            written(world, dish, {name: value})

    tried()


@given(values=st.one_of(fields, fields, strange))
@examples(40)
def test_any_values_for_several_fields(
    world: World, dish: DishPage, unharmed: Unharmed, values: dict[str, Any]
) -> None:
    with unharmed():
        written(world, dish, values)


@given(title=texts, values=fields, slug=st.none() | texts)
@examples(40)
def test_any_new_page(
    world: World,
    dish: DishPage,
    unharmed: Unharmed,
    title: str,
    values: dict[str, Any],
    slug: str | None,
) -> None:
    kitchen = KitchenPage.objects.get()
    with unharmed(), suppress(Refused):
        create_page(world.actor("admin"), "kitchen.DishPage", kitchen.pk, title, values, slug)
