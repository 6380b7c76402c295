"""Tools, a resource and prompts that exist for these tests only."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.guides import Guides, PromptSpec, ResourceSpec
from mcp_server.registry import ToolGroup, ToolRegistry, ToolSpec
from mcp_server.results import Change

TRIALS = ToolGroup("trials", "Trials")
LOCKED = ToolGroup("locked", "Locked", by_name_only=True)


class Named(Change):
    id: int
    title: str
    note: str | None = None


class Part(BaseModel):
    """One part."""

    kind: Literal["stem", "leaf"]
    size: int | None = None


def who_am_i(actor: Actor) -> dict[str, Any]:
    """Who the call acts for."""
    return {"user": actor.user.get_username(), "token": actor.token and actor.token.name}


def count_up(actor: Actor, limit: Annotated[int, Field(ge=1, le=50)] = 3) -> list[int]:
    """The numbers from one."""
    return list(range(1, limit + 1))


def sort_plants(
    actor: Actor,
    name: Annotated[str, Field(min_length=1, max_length=20, description="Botanical name")],
    parts: list[Part],
    body: str | list[dict[str, Any]],
    version: Literal["draft", "live"] = "draft",
    seen: date | None = None,
    tags: list[str] = [],  # noqa: B006 - as tools of a site declare it
    copy: bool = False,
) -> dict[str, Any]:
    """Arguments of many kinds."""
    return {"name": name, "seen": seen, "version": version, "tags": tags}


def rename_page(actor: Actor, page_id: int, title: str) -> Named:
    """Save a page with another title."""
    page = Page.objects.get(pk=page_id).specific
    page.title = page.draft_title = title
    page.save_revision(user=actor.user)
    return Named(id=page.pk, title=title).about(page)


def rename_then_fail(actor: Actor, page_id: int, mode: str) -> Named:
    """Save, then fail in one of several ways."""
    page = Page.objects.get(pk=page_id)
    Page.objects.filter(pk=page_id).update(title="half-written")
    if mode == "refuse":
        raise Refused("No. Call something else.")
    if mode == "crash":
        raise RuntimeError(f"secret detail of {page.title}")
    return Named.model_construct(id=object(), title=page.title)


def remove_page(actor: Actor, page_id: int) -> Named:
    """Delete a page."""
    page = Page.objects.get(pk=page_id).specific
    answer = Named(id=page.pk, title=page.title).about(Page.objects.get(pk=page.pk).specific)
    page.delete(user=actor.user)
    return answer


def describe_image(actor: Actor, image_id: int) -> Named:
    """Give an image another title."""
    from wagtail.images import get_image_model

    image = get_image_model().objects.get(pk=image_id)
    image.title = "Described"
    image.save()
    return Named(id=image.pk, title=image.title).about(image)


def read_table(actor: Actor) -> str:
    """Needs a grant that names it."""
    return "rows"


SPECS = [
    ToolSpec("who_am_i", TRIALS, "read", who_am_i),
    ToolSpec("count_up", TRIALS, "read", count_up),
    ToolSpec("sort_plants", TRIALS, "read", sort_plants),
    ToolSpec("rename_page", TRIALS, "draft", rename_page),
    ToolSpec("rename_then_fail", TRIALS, "live", rename_then_fail),
    ToolSpec("remove_page", TRIALS, "destructive", remove_page),
    ToolSpec("describe_image", TRIALS, "draft", describe_image),
    ToolSpec("read_table", LOCKED, "read", read_table),
]


def greeting(actor: Actor) -> dict[str, str]:
    """Says hello to the user."""
    return {"hello": actor.user.get_username()}


def plant(actor: Actor, name: str) -> str:
    """One plant."""
    if name == "none":
        raise Refused("No such plant.")
    return f"{name} for {actor.user.get_username()}"


def rename_it(actor: Actor, title: Annotated[str, Field(description="New title")]) -> str:
    """Rename a page."""
    return f"Rename it to {title}."


def anything(actor: Actor, tone: str = "dry") -> str:
    """Needs no tool."""
    return f"Be {tone}."


def registry() -> ToolRegistry:
    made = ToolRegistry()
    for spec in SPECS:
        made.register(spec)
    return made


def guides() -> Guides:
    made = Guides()
    made.add_resource(ResourceSpec("trial://greeting", greeting, "application/json"))
    made.add_resource(ResourceSpec("trial://plants/{name}", plant, "text/plain"))
    made.add_prompt(PromptSpec(rename_it, ("rename_page",)))
    made.add_prompt(PromptSpec(anything, ()))
    return made
