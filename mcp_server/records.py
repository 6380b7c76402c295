"""What a token's page and the report “MCP activity” are made of: rows of calls, counts of reads."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any, Self

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import Error
from django.db.models import DateTimeField, F, Model
from django.utils import timezone
from wagtail.models import Page, Revision

from .actor import Actor
from .conf import mcp_settings
from .models import MCPCall, MCPReads
from .prepared import Param, prepared
from .registry import ToolSpec, registry

logger = logging.getLogger("mcp_server")

# Longer than a day, so that the last count of a day is still there when the next call adds it.
REMEMBERED = timedelta(days=2)
# A client that asks again and again must not fill the table: refusals of one token, tool and
# outcome share rows, one per page and hour, and one for all further pages of that hour.
SHARED = timedelta(hours=1)
MAX_PAGES = 20


@dataclass
class CallRecord:
    """A call from its start to its row; a reading call has one only when it is refused."""

    spec: ToolSpec
    values: Mapping[str, Any]
    client: Mapping[str, str]
    started: float = field(default_factory=perf_counter)
    began: datetime = field(default_factory=timezone.now)
    before: int | None = None

    @classmethod
    def of(cls, tool: str) -> Self:
        """The record of a call whose arguments came in another way, such as a file."""
        spec = registry.get(tool)
        if spec is None:
            raise LookupError(tool)
        return cls(spec, {}, {})

    def look(self) -> None:
        """Note the revision of the page that the call names, before it is changed."""
        self.began = timezone.now()
        if page_id := self._page_id():
            self.before = _newest_revision().first(page=page_id)

    def made(self, actor: Actor, instance: Model | None) -> Revision | None:
        """The newest revision of ``instance`` when this call saved it."""
        latest = getattr(instance, "latest_revision_id", None)
        if latest is None:
            return None
        user: Any = actor.user
        found: Revision | None = _made_since().first(
            revision=latest, user=user.pk, since=self.began
        )
        return found

    def success(
        self,
        actor: Actor,
        instance: Model | None,
        undo: Mapping[str, Any],
        made: Revision | None = None,
    ) -> None:
        """Add the row of a call that changed something, inside its transaction."""
        data = dict(undo)
        after = getattr(instance, "latest_revision_id", None)
        # Of what is not a page only the tool knows the revision before.
        before = data.pop("revision_before", self.before if made else after)
        if made:
            data["made"] = made.pk
        about = _named(instance) if instance is not None else {}
        self._row(
            actor,
            **about,
            revision_before=None if undo.get("created") else before,
            revision_after=after,
            data=data,
        ).save(force_insert=True)

    def refusal(self, actor: Actor, outcome: str) -> None:
        """Add the row of a call that changed nothing; what was not there is not named."""
        page_id = self._page_id()
        row = self._row(actor, outcome=outcome, **(_page(page_id) if page_id else {}))
        try:
            if not _shared(row):
                row.save(force_insert=True)
        except Error:
            # The answer to the client matters more, and it says that the database is away.
            logger.warning("a refused MCP call could not be recorded", exc_info=True)

    def _page_id(self) -> int | None:
        page_id = self.values.get("page_id")
        return page_id if isinstance(page_id, int) and 0 < page_id < 2**63 else None

    def _row(self, actor: Actor, **fields: Any) -> MCPCall:
        user: Any = actor.user
        return MCPCall(
            token=actor.token,
            token_name=actor.token.name if actor.token else "",
            user=user,
            tool=self.spec.name,
            kind=self.spec.kind,
            milliseconds=round((perf_counter() - self.started) * 1000),
            client=" ".join(filter(None, [self.client.get("name"), self.client.get("version")])),
            **fields,
        )


@prepared
def _newest_revision() -> Any:
    return Page.objects.filter(pk=Param("page")).values_list("latest_revision_id", flat=True)


@prepared
def _made_since() -> Any:
    user = Param("user", field=get_user_model()._meta.pk)
    since = Param("since", field=DateTimeField())
    return Revision.objects.filter(pk=Param("revision"), user=user, created_at__gte=since)


def _shared(row: MCPCall) -> bool:
    """Whether a row of the last hour took this refusal in."""
    alike = MCPCall.objects.filter(
        token=row.token,
        user=row.user,
        tool=row.tool,
        outcome=row.outcome,
        at__gt=timezone.now() - SHARED,
    ).order_by("-pk")
    more: dict[str, Any] = {"times": F("times") + 1}
    found = alike.filter(object_id=row.object_id).values_list("pk", flat=True).first()
    if found is None:
        others = list(alike.values_list("pk", flat=True)[:MAX_PAGES])
        if len(others) < MAX_PAGES:
            return False
        found, more = others[0], {**more, "content_type": None, "object_id": ""}
    return bool(MCPCall.objects.filter(pk=found).update(**more))


def count_read(actor: Actor) -> None:
    """Count a reading call; a row is written at most once per ``TOKEN_USED_INTERVAL``.

    In between the count waits in the cache, which a restart of the site may empty.
    """
    if actor.token is None:
        return
    try:
        _count(actor.token.pk, timezone.localdate())
    except Exception:  # a cache that is away must not take reading away
        logger.warning("a reading MCP call could not be counted", exc_info=True)


def _count(token_id: int, day: date) -> None:
    waiting = f"mcp_server.reads.{token_id}.{day}"
    try:
        count = cache.incr(waiting)
    except ValueError:
        # The first of the day.
        cache.add(waiting, 0, REMEMBERED.total_seconds())
        count = cache.incr(waiting)
    if cache.add(f"{waiting}.written", True, mcp_settings().TOKEN_USED_INTERVAL):
        cache.decr(waiting, count)
        MCPReads.add(token_id, day, count)


def _named(instance: Model) -> dict[str, Any]:
    model = Page if isinstance(instance, Page) else type(instance)
    title = instance.get_admin_display_title() if isinstance(instance, Page) else str(instance)
    return {
        "content_type": ContentType.objects.get_for_model(model),
        "object_id": str(instance.pk or ""),
        "object_title": title[:255],
    }


def _page(page_id: int) -> dict[str, Any]:
    return {"content_type": ContentType.objects.get_for_model(Page), "object_id": str(page_id)}
