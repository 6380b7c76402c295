"""What a token's page and the report “MCP activity” are made of: rows of calls, counts of reads."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import Error
from django.db.models import Model
from django.utils import timezone
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.conf import mcp_settings
from mcp_server.models import MCPCall, MCPReads
from mcp_server.registry import ToolSpec

logger = logging.getLogger("mcp_server")

# Longer than a day, so that the last count of a day is still there when the next call adds it.
REMEMBERED = timedelta(days=2)


@dataclass
class WriteRecord:
    """A call of a writing tool from its start to its row."""

    spec: ToolSpec
    values: Mapping[str, Any]
    client: Mapping[str, str]
    started: float = field(default_factory=perf_counter)
    before: int | None = None

    def look(self) -> None:
        """Note the revision of the page that the call names, before it is changed."""
        if page_id := self._page_id():
            found = Page.objects.filter(pk=page_id).values_list("latest_revision_id", flat=True)
            self.before = found.first()

    def success(self, actor: Actor, instance: Model | None, undo: Mapping[str, Any]) -> None:
        """Add the row of a call that changed something, inside its transaction."""
        about: dict[str, Any] = {"revision_before": self.before, "data": dict(undo)}
        if instance is not None:
            about |= _named(instance)
            about["revision_after"] = getattr(instance, "latest_revision_id", None)
        self._row(actor, **about).save(force_insert=True)

    def refusal(self, actor: Actor, outcome: str) -> None:
        """Add the row of a call that changed nothing; what was not there is not named."""
        page_id = self._page_id()
        about = _page(page_id) if page_id else {}
        try:
            self._row(actor, outcome=outcome, **about).save(force_insert=True)
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
