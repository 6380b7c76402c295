"""A creating call that is sent again, because its answer was lost, happens once."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Model
from django.utils import timezone
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.models import MCPReceipt, MCPToken
from mcp_server.plaintext import clean_text
from mcp_server.prepared import Param, prepared
from mcp_server.registry import IDEMPOTENCY_KEY, ToolSpec

# Without a key, two identical calls mean a retry only when they come close together.
WINDOW = timedelta(minutes=10)
KEPT = timedelta(days=1)
# Old receipts go when new ones come; now and then is enough.
PRUNE_EVERY = 50


class Claim:
    """The right to carry a call out, or the answer to an earlier one like it."""

    def __init__(self, receipt: MCPReceipt | None, *, replay: bool = False) -> None:
        self._receipt = receipt
        self.replayed = {**receipt.answer, "replayed": True} if receipt and replay else None

    @classmethod
    def of(cls, actor: Actor, spec: ToolSpec, given: Mapping[str, Any]) -> "Claim":
        """Claim the call, inside its transaction. A second one like it waits for the first.

        Raises Refused when the key was used for other arguments.
        """
        if not spec.once or actor.token is None:
            return cls(None)
        mark = fingerprint(spec, given)
        stored = _stored_key(given, mark)
        earlier = _earlier(actor.token, stored)
        if earlier is None and not given.get(IDEMPOTENCY_KEY):
            earlier = _earlier_with_a_key(actor.token, mark)
        if earlier is None:
            try:
                with transaction.atomic():
                    made = MCPReceipt.objects.create(
                        token=actor.token, key=stored, fingerprint=mark
                    )
                _prune(made)
                return cls(made)
            except IntegrityError:
                # The other call like this one has just been committed.
                earlier = _earlier(actor.token, stored)
        if earlier is None:
            raise Refused("The same call is being carried out right now. Call again in a moment.")
        return cls._again(earlier, mark)

    @staticmethod
    def is_answered(actor: Actor, spec: ToolSpec, given: Mapping[str, Any]) -> bool:
        """Whether the call looks like one that happened. A guess before the transaction, which
        saves slow work; only ``of`` decides."""
        if not spec.once or actor.token is None:
            return False
        mark = fingerprint(spec, given)
        found = MCPReceipt.objects.filter(
            token=actor.token, key=_stored_key(given, mark), fingerprint=mark
        ).first()
        return found is not None and _answers(found)

    @classmethod
    def _again(cls, earlier: MCPReceipt, mark: str) -> "Claim":
        if earlier.fingerprint != mark:
            raise Refused(
                "This idempotency_key was used for another call with other arguments. "
                "Use a new key for a new call."
            )
        if _answers(earlier):
            return cls(earlier, replay=True)
        earlier.at, earlier.answer = timezone.now(), {}
        earlier.save()
        return cls(earlier)

    def keep(self, answer: dict[str, Any], instance: Model | None) -> None:
        """Keep the answer for whoever asks again; nothing of a call that made nothing.

        An upload address is such an answer: it is a secret, and another one does no harm.
        """
        if self._receipt is None:
            return
        if instance is None:
            self._receipt.delete()
            return
        model = Page if isinstance(instance, Page) else type(instance)
        self._receipt.content_type = ContentType.objects.get_for_model(model)
        self._receipt.object_id = str(instance.pk)
        self._receipt.answer = answer
        self._receipt.save()


def fingerprint(spec: ToolSpec, given: Mapping[str, Any]) -> str:
    """What makes two calls the same: the tool and all arguments but the key."""
    rest = {name: value for name, value in given.items() if name != IDEMPOTENCY_KEY}
    text = json.dumps([spec.name, rest], sort_keys=True, default=str)
    # "surrogatepass": arguments are compared as they came, before anything was cleaned.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _stored_key(given: Mapping[str, Any], mark: str) -> str:
    key = clean_text(given.get(IDEMPOTENCY_KEY) or "")
    return f"key:{key}" if key else f"auto:{mark}"


def _earlier(token: MCPToken, key: str) -> MCPReceipt | None:
    """The call with this key; locked where the database has row locks."""
    receipt: MCPReceipt | None = _by_key().first(token=token.pk, key=key)
    return receipt


def _earlier_with_a_key(token: MCPToken, mark: str) -> MCPReceipt | None:
    """For a call without a key: the same one that was sent with a key a moment ago."""
    since = timezone.now() - WINDOW
    receipt: MCPReceipt | None = _newest_alike().first(token=token.pk, mark=mark, since=since)
    return receipt if receipt and _answers(receipt) else None


@prepared
def _by_key() -> Any:
    found = MCPReceipt.objects.filter(token_id=Param("token"), key=Param("key"))
    return found.select_for_update()


@prepared
def _newest_alike() -> Any:
    since = Param("since", field=DateTimeField())
    found = MCPReceipt.objects.filter(token_id=Param("token"), fingerprint=Param("mark"))
    return found.filter(at__gt=since).order_by("-at")[:1]


def _answers(receipt: MCPReceipt) -> bool:
    """Whether the receipt is young enough and what the call made still exists.

    When that was removed, the call makes it anew.
    """
    keyed = receipt.key.startswith("key:")
    model = receipt.content_type.model_class() if receipt.content_type else None
    if model is None or not (keyed or receipt.at > timezone.now() - WINDOW):
        return False
    return bool(model._default_manager.filter(pk=receipt.object_id).exists())


def _prune(made: MCPReceipt) -> None:
    if made.pk % PRUNE_EVERY == 0:
        MCPReceipt.objects.filter(at__lt=timezone.now() - KEPT).delete()
