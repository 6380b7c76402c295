"""What somebody has built upon what a call made: it keeps the undoing from taking it away."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast
from wagtail.log_actions import get_active_log_context
from wagtail.log_actions import registry as log_registry
from wagtail.models import Comment, Page, ReferenceIndex, Revision

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.models import MCPCall

from .finding import visible_pages
from .impact import sources_of
from .people import display_name

# Servers' clocks differ a little.
SKEW = timedelta(minutes=1)
# With more keys than these, looking for each of them in every draft would not save anything.
MANY = 50

# Content type id and key of an object, as the reference index spells them.
Key = tuple[int, str]


def refuse_built_upon(actor: Actor, page: Page, call: MCPCall) -> None:
    """Refuse when others commented on a page that the call made, or link to it or below it."""
    subtree = Page.objects.descendant_of(page, inclusive=True)
    comments = Comment.objects.filter(page__in=subtree)
    theirs = comments.exclude(user_id=call.user_id).select_related("user").first()
    if theirs is not None:
        who = display_name(theirs.user)
        raise Refused(f"Page {page.pk} stays: {who} commented on page {theirs.page_id}.")
    page_type = ContentType.objects.get_for_model(Page).pk
    wanted = {(page_type, str(pk)) for pk in subtree.values_list("pk", flat=True)}
    saved = {key for key in sources_of(subtree) if not _is_automatic(key)}
    _refuse_linked(actor, f"Page {page.pk}", saved or _drafts_naming(wanted, call))


def refuse_referred(actor: Actor, thing: Model, name: str, call: MCPCall) -> None:
    """Refuse when something refers to what is not a page, as it is saved or in a newest draft."""
    saved = ReferenceIndex.get_references_to(thing).values_list("base_content_type", "object_id")
    wanted = {(ReferenceIndex._get_base_content_type(thing).pk, str(thing.pk))}
    _refuse_linked(actor, name, set(saved[:1]) or _drafts_naming(wanted, call))


def refuse_changed_upload(upload: Model, call: MCPCall) -> None:
    """Refuse when somebody changed an upload since, or another token did."""
    logs = log_registry.get_logs_for_instance(upload)
    ours = logs.filter(action="mcp_server.call", user_id=call.user_id)
    if call.token_id:
        ours = ours.filter(data__token_id=call.token_id)
    changed = ("wagtail.edit", "mcp_server.call")
    edits = logs.filter(action__in=changed, timestamp__gte=call.at - SKEW)
    # An edit that this very undoing took back before is ours too.
    own = {*ours.values_list("uuid", flat=True), get_active_log_context().uuid} - {None}
    later: Any = next((edit for edit in edits if edit.uuid not in own), None)
    # What no log tells, our own calls do.
    calls = MCPCall.objects.filter(
        content_type=call.content_type,
        object_id=call.object_id,
        pk__gt=call.pk,
        outcome="success",
        undone_at=None,
    )
    mine = {"token_id": call.token_id} if call.token_id else {"user_id": call.user_id}
    later = later or calls.exclude(**mine).select_related("user").first()
    if later is not None:
        raise Refused(f"{call.object_title} stays: {display_name(later.user)} changed it since.")


def _refuse_linked(actor: Actor, name: str, sources: Iterable[Key]) -> None:
    source = next(iter(sources), None)
    if source is None:
        return
    page_type = ContentType.objects.get_for_model(Page).pk
    seen = source[0] == page_type and visible_pages(actor).filter(pk=source[1]).exists()
    raise Refused(f"{name} stays: {f'page {source[1]}' if seen else 'something'} refers to it.")


def _drafts_naming(wanted: set[Key], call: MCPCall) -> Iterator[Key]:
    """What refers to these objects in its newest or a scheduled draft; the index of references
    knows only what is saved. No draft is older than what it links to."""
    found = Revision.objects.filter(created_at__gte=call.at - SKEW)
    if len(wanted) <= MANY:
        text = Cast("content", TextField())
        named = Q()
        for _, key in wanted:
            named |= Q(text__contains=key)
        found = found.annotate(text=text).filter(named)
    # By their keys: a cursor of the server would outlive the savepoint that a refusal rolls back.
    for pk in list(found.order_by("-pk").values_list("pk", flat=True)):
        revision = Revision.objects.get(pk=pk)
        source = (revision.base_content_type_id, str(revision.object_id))
        if source not in wanted and _is_current(revision) and _names(revision, wanted):
            yield source


def _is_current(revision: Revision) -> bool:
    if revision.approved_go_live_at:
        return True
    thing = revision.content_object
    return thing is not None and getattr(thing, "latest_revision_id", None) == revision.pk


def _names(revision: Revision, wanted: set[Key]) -> bool:
    found = ReferenceIndex._extract_references_from_object(revision.as_object())
    return any((content_type, str(key)) in wanted for content_type, key, *_ in found)


def _is_automatic(key: Key) -> bool:
    """Whether this is a redirect that Wagtail made by itself."""
    model: Any = ContentType.objects.get_for_id(key[0]).model_class()
    if model is None or model._meta.label != "wagtailredirects.Redirect":
        return False
    return bool(model.objects.filter(pk=key[1], automatically_created=True).exists())
