"""One tool call, start to end, in one thread: arguments, transaction, function, history."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from wagtail.log_actions import LogContext

from mcp_server.actor import Actor
from mcp_server.errors import Refused, explain
from mcp_server.leftovers import cleanup_on_error
from mcp_server.models.finding import token_by_key
from mcp_server.records import CallRecord, count_read
from mcp_server.registry import IDEMPOTENCY_KEY, ToolSpec
from mcp_server.results import Change

from .answer import Answer
from .arguments import Arguments
from .history import note
from .retries import Claim


def call(
    actor: Actor,
    spec: ToolSpec,
    arguments: Arguments,
    given: Mapping[str, Any],
    client: Mapping[str, str],
) -> Answer:
    """Run the tool as ``actor`` and answer; a failed write leaves nothing behind."""
    record = CallRecord(spec, given, client)
    try:
        with translation.override(language_of(actor)):
            values = arguments.read(given)
            if not spec.writes:
                answer = Answer.of(spec.func(actor, **values))
                count_read(actor)
                return answer
            return _write(actor, spec, values, record)
    except Exception as error:  # noqa: BLE001 - the one map from exceptions to sentences
        refusal = Answer.refusal(*explain(error))
        # What would keep the record is what does not answer: the caller would wait for it again.
        if not isinstance(error, OperationalError | InterfaceError):
            record.refusal(actor, refusal.outcome)
        return refusal


def _write(actor: Actor, spec: ToolSpec, values: dict[str, Any], record: CallRecord) -> Answer:
    if spec.prepare and not Claim.is_answered(actor, spec, record.values):
        # A file from a slow server would otherwise hold the database's write lock.
        sent = {name: value for name, value in values.items() if name != IDEMPOTENCY_KEY}
        values = {**values, **spec.prepare(actor, **sent)}
    # The context gives our entry and those of Wagtail's actions one shared uuid.
    with cleanup_on_error(), transaction.atomic(), LogContext(user=actor.user):
        actor = confirmed(actor, spec)
        claim = Claim.of(actor, spec, record.values)
        if claim.replayed is not None:
            return Answer.of(claim.replayed)
        values.pop(IDEMPOTENCY_KEY, None)
        record.look()
        result = spec.func(actor, **values)
        instance = result.instance if isinstance(result, Change) else None
        made = record.made(actor, instance)
        if instance is not None:
            note(actor, spec, instance, record.client, made)
        undo = dict(result.undo) if isinstance(result, Change) else {}
        for other in result.others if isinstance(result, Change) else []:
            also = record.made(actor, other)
            note(actor, spec, other, record.client, also)
            if also is not None:
                undo.setdefault("also", {})[f"r{also.pk}"] = True
        record.success(actor, instance, undo, made)
        # Inside the transaction: an answer that cannot be given must not have written.
        answer = Answer.of(result)
        claim.keep(answer.structured_content or {}, instance)
        return answer


def confirmed(actor: Actor, spec: ToolSpec) -> Actor:
    """The actor read anew, so that a revocation in the last moment still stops the write."""
    if actor.token is None:
        return actor
    token = token_by_key(actor.token.pk)
    if token is None or not token.is_valid or not token.can_use_tool(spec.name):
        raise Refused("This token may not do that any more; nothing was changed.")
    return Actor(token.user, token)


def language_of(actor: Actor) -> str:
    """The language that the user reads Wagtail's admin in; messages come in that one."""
    profile = getattr(actor.user, "wagtail_userprofile", None)
    return (profile and profile.preferred_language) or settings.LANGUAGE_CODE
