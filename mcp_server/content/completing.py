"""What an argument of a prompt or a resource may become, from what the actor may see."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Case, IntegerField, Model, Q, Value, When
from wagtail.coreutils import get_content_languages
from wagtail.models import Locale, Page

from mcp_server.actor import Actor
from mcp_server.results import Suggestions

from .finding import MAX_ID, visible_pages
from .page_types import page_models
from .references import visible_objects

Given = Mapping[str, str]
Completer = Callable[[Actor, str, Given], Suggestions]


def page_ids(actor: Actor, typed: str, given: Given) -> Suggestions:
    """Ids of pages whose title holds what was typed, or whose id begins with it.

    The values are ids, because a value is what the argument becomes. Titles that begin with
    the text come first, then the pages that were edited last.
    """
    return _page_ids(visible_pages(actor).filter(depth__gt=1), typed)


def page_ids_of(model: type[Page]) -> Completer:
    """Like ``page_ids``, for pages of one type."""

    def complete(actor: Actor, typed: str, given: Given) -> Suggestions:
        return _page_ids(visible_pages(actor).type(model), typed)

    return complete


def tags_of(model: type[Model] | Callable[[], type[Model]], field: str = "tags") -> Completer:
    """Tags that stand on pages, images or documents of ``model`` that the actor may see."""

    def complete(actor: Actor, typed: str, given: Given) -> Suggestions:
        kind = model if isinstance(model, type) else model()
        name = f"{field}__name"
        seen = visible_objects(actor, kind).filter(**{f"{name}__icontains": typed})
        return Suggestions.of(seen.order_by(name).values_list(name, flat=True).distinct())

    return complete


def locales(actor: Actor, typed: str, given: Given) -> Suggestions:
    """Language codes of the site's locales, by code or by the language's name."""
    names = get_content_languages()
    codes = Locale.objects.order_by("language_code").values_list("language_code", flat=True)
    return matching(((code, str(names.get(code, ""))) for code in codes), typed)


def page_types(actor: Actor, typed: str, given: Given) -> Suggestions:
    """Page types such as ``blog.BlogPage``, by their name in code or in the admin."""
    models = sorted(page_models().items())
    return matching(((name, str(model.get_verbose_name())) for name, model in models), typed)


def matching(options: Iterable[tuple[str, str]], typed: str) -> Suggestions:
    """Values of ``(value, label)`` pairs of which one holds what was typed, in any case."""
    text = typed.lower()
    return Suggestions.of(
        [value for value, label in options if text in value.lower() or text in label.lower()]
    )


def _page_ids(pages: Any, typed: str) -> Suggestions:
    if not typed:
        return Suggestions.of(_newest_first(pages).values_list("pk", flat=True))
    begins = Q(title__istartswith=typed) | Q(draft_title__istartswith=typed)
    found = Q(title__icontains=typed) | Q(draft_title__icontains=typed)
    if typed.isdecimal() and int(typed) <= MAX_ID:
        exact = Q(pk=int(typed))
        begins, found = exact, found | exact | Q(pk__startswith=str(int(typed)))
    rank = Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())
    ranked = _newest_first(pages.filter(found).annotate(rank=rank), "rank")
    return Suggestions.of(ranked.values_list("pk", flat=True))


def _newest_first(pages: Any, *before: str) -> Any:
    return pages.order_by(*before, "-latest_revision_created_at", "-pk")
