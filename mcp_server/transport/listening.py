"""``subscriptions/listen``: tells a client when its lists, or a resource it names, have changed.

The answer is a stream that stays open. Changes are made in other processes too, so each stream
looks for itself, a few cheap queries at a time, and no worker has to know of another.
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

from anyio import create_task_group, sleep
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
)

from mcp_server.actor import Actor
from mcp_server.errors import explain
from mcp_server.guides import Guides
from mcp_server.models import MCPToken

from . import runner
from .context import current_actor
from .gate import Gate

# Seconds between two looks at the database, and at whether the server is about to stop.
INTERVAL = 3.0
PULSE = 0.5
# A client listens again when the server ends a stream; nothing stays open for good.
LIFETIME = 900.0
MAX_STREAMS = 4
TOO_MANY = f"This token listens {MAX_STREAMS} times already. Close a stream first."


@dataclass(frozen=True)
class Seen:
    """What a stream's client was last told of."""

    tools: frozenset[str]
    prompts: frozenset[str]
    resources: frozenset[str]
    versions: dict[str, object]

    def events_until(self, now: "Seen") -> Iterator[ServerEvent]:
        if now.tools != self.tools:
            yield ToolsListChanged()
        if now.prompts != self.prompts:
            yield PromptsListChanged()
        if now.resources != self.resources:
            yield ResourcesListChanged()
        for uri, version in now.versions.items():
            if version != self.versions.get(uri, version):
                yield ResourceUpdated(uri)


class Listener:
    """Serves change streams. A stream ends with its token, and after ``LIFETIME`` at the latest."""

    def __init__(self, gate: Gate, guides: Guides) -> None:
        self._gate = gate
        self._guides = guides
        self._open: Counter[Any] = Counter()

    async def listen(
        self, ctx: ServerRequestContext[Any, Any], params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        actor = current_actor()
        bus = InMemorySubscriptionBus()
        handler = ListenHandler(bus)
        with self._place(actor):
            first = await self._first_look(actor)
            honored = self._honored(actor, params)
            async with create_task_group() as tasks:
                tasks.start_soon(self._watch, actor, first, bus, handler)
                result = await handler(ctx, honored)
                tasks.cancel_scope.cancel()
        return result

    async def _first_look(self, actor: Actor) -> Seen:
        try:
            return await runner.run(partial(self._look, actor))
        except Exception as error:  # noqa: BLE001 - the one map from exceptions to sentences
            raise MCPError(INTERNAL_ERROR, explain(error)[1]) from None

    @contextmanager
    def _place(self, actor: Actor) -> Iterator[None]:
        key = actor.token.pk if actor.token else None
        if self._open[key] >= MAX_STREAMS:
            raise MCPError(INVALID_REQUEST, TOO_MANY)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            self._open += Counter()

    def _honored(
        self, actor: Actor, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenRequestParams:
        """What was asked for, less the resources that are not there, not granted or not watched."""
        watched = self._guides.watched(actor)
        asked = params.notifications.resource_subscriptions or []
        wanted = params.notifications.model_copy(
            update={"resource_subscriptions": [uri for uri in asked if uri in watched]}
        )
        return params.model_copy(update={"notifications": wanted})

    async def _watch(
        self, actor: Actor, seen: Seen, bus: InMemorySubscriptionBus, handler: ListenHandler
    ) -> None:
        ends = monotonic() + LIFETIME
        while monotonic() < ends and await _pause():
            try:
                now = await runner.run(partial(self._look_again, actor))
            except Exception as error:  # noqa: BLE001 - logged there; a stream only ends with it
                if explain(error)[0] == "unavailable":
                    continue
                now = None
            if now is None:
                break
            for event in seen.events_until(now):
                await bus.publish(event)
            seen = now
        handler.close()

    def _look_again(self, actor: Actor) -> Seen | None:
        """What the token's client would be told now; None when the token no longer works."""
        if actor.token is None:
            return self._look(actor)
        row = MCPToken.objects.select_related("user").filter(pk=actor.token.pk).first()
        # A new secret: whoever listens has to come again with it.
        if row is None or not row.is_valid or row.key_hash != actor.token.key_hash:
            return None
        return self._look(Actor(row.user, row))

    def _look(self, actor: Actor) -> Seen:
        watched: dict[str, Callable[[Actor], object]] = self._guides.watched(actor)
        return Seen(
            tools=self._gate.tools_for(actor),
            prompts=frozenset(s.name for s in self._guides.prompts() if s.offered_to(actor)),
            resources=frozenset(s.uri for s in self._guides.resources() if s.offered_to(actor)),
            versions={uri: version(actor) for uri, version in watched.items()},
        )


async def _pause() -> bool:
    """Wait for ``INTERVAL``; False as soon as the server is told to stop."""
    waited = 0.0
    while waited < INTERVAL and not _is_stopping():
        await sleep(min(PULSE, INTERVAL))
        waited += min(PULSE, INTERVAL)
    return not _is_stopping()


def _is_stopping() -> bool:
    # uvicorn waits for open answers before it ends the application, and has no public way to
    # tell these that it does: its server is what handles the signal.
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))
