"""The one place that says what a token may reach. Every MCP method passes; what is not listed
is refused.

Resource subscriptions of the older protocol are not served, so they are not listed: a site that
adds a handler for one of them adds its rule here.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

from fastmcp.exceptions import DisabledError, NotFoundError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    CallToolRequestParams,
    GetPromptRequestParams,
)
from opentelemetry import trace

from mcp_server.actor import Actor
from mcp_server.guides import Guides, PromptSpec, ResourceSpec
from mcp_server.records import CallRecord
from mcp_server.registry import ToolSpec

from . import report, runner
from .answer import Answer
from .context import current_actor

Request = MiddlewareContext[Any]
Next = CallNext[Any, Any]
Rule = Callable[["Gate", Request, Next], Awaitable[Any]]

UNKNOWN_TOOL = "unknown_tool"
# The report's word for it is the one for what a user may not do.
NOT_GRANTED = "forbidden"
NO_SUCH_TOOL = "This token has no tool of that name. List the tools to see which there are."
NOTHING_TO_COMPLETE = "This token has no prompt or resource template of that name to complete."

NOTIFICATIONS = frozenset(
    {
        "notifications/initialized",
        "notifications/cancelled",
        "notifications/progress",
        "notifications/roots/list_changed",
    }
)


class Gate(Middleware):
    """Lets a request through when a rule for its method does, and shows only what is granted."""

    def __init__(self, tools: Iterable[ToolSpec], guides: Guides) -> None:
        self._tools = {spec.name: spec for spec in tools}
        self._guides = guides
        self._resources = list(guides.resources())

    async def __call__(self, context: Request, call_next: Next) -> Any:
        if context.type == "notification":
            # It has no answer, so there is nobody to tell that it is dropped.
            return await call_next(context) if context.method in NOTIFICATIONS else None
        rule = RULES.get(context.method or "")
        if rule is None:
            report.mark_unknown_method(trace.get_current_span())
            raise MCPError(code=METHOD_NOT_FOUND, message="Method not found", data=context.method)
        return await rule(self, context, call_next)

    def grants_tool(self, actor: Actor, name: str) -> bool:
        """Whether the actor's token grants the tool; one that we do not know needs its name."""
        spec = self._tools.get(name)
        return actor.may_use(name, explicit=spec is not None and spec.group.by_name_only)

    def tools_for(self, actor: Actor) -> frozenset[str]:
        """The names of the tools that the token grants."""
        return frozenset(name for name in self._tools if self.grants_tool(actor, name))

    def grants_prompt(self, actor: Actor, name: str) -> bool:
        """Whether the token grants what the prompt needs."""
        spec = self._guides.prompt(name)
        return spec.offered_to(actor) if spec else actor.may_use(name)

    async def open_to_all(self, context: Request, call_next: Next) -> Any:
        return await call_next(context)

    async def list_tools(self, context: Request, call_next: Next) -> Any:
        actor = current_actor()
        return [tool for tool in await call_next(context) if self.grants_tool(actor, tool.name)]

    async def call_tool(self, context: Request, call_next: Next) -> Any:
        # A message that never became a call; what comes next is the protocol's own error.
        if not isinstance(context.message, CallToolRequestParams):
            return await call_next(context)
        if not self.grants_tool(current_actor(), context.message.name):
            await self._record_refusal(context.message)
            return no_such_tool()
        try:
            return await call_next(context)
        except (NotFoundError, DisabledError):
            return no_such_tool()

    async def _record_refusal(self, message: CallToolRequestParams) -> None:
        """Whoever watches the token sees that it asked for a tool that it lacks."""
        spec = self._tools.get(message.name)
        if spec is not None:
            record = CallRecord(spec, message.arguments or {}, {})
            await runner.run(partial(record.refusal, current_actor(), NOT_GRANTED))

    async def list_resources(self, context: Request, call_next: Next) -> Any:
        hidden = {str(spec.uri) for spec in self._resources if not spec.offered_to(current_actor())}
        found = await call_next(context)
        return [item for item in found if _address(item) not in hidden]

    async def read_resource(self, context: Request, call_next: Next) -> Any:
        address = str(getattr(context.message, "uri", ""))
        for spec in self._resources:
            if not spec.offered_to(current_actor()) and matches(spec.uri, address):
                # FastMCP's own exception for an unknown resource: the answers are the same.
                raise NotFoundError(f"Unknown resource: {address!r}")
        return await call_next(context)

    async def list_prompts(self, context: Request, call_next: Next) -> Any:
        actor = current_actor()
        prompts = await call_next(context)
        return [prompt for prompt in prompts if self.grants_prompt(actor, prompt.name)]

    async def get_prompt(self, context: Request, call_next: Next) -> Any:
        if isinstance(context.message, GetPromptRequestParams):
            name = context.message.name
            if not self.grants_prompt(current_actor(), name):
                # FastMCP's own exception for an unknown prompt: the answers are the same.
                raise NotFoundError(f"Unknown prompt: {name!r}")
        return await call_next(context)

    async def complete(self, context: Request, call_next: Next) -> Any:
        ref = context.message.get("ref") if isinstance(context.message, Mapping) else None
        # What is no reference at all gets the protocol's own error.
        if isinstance(ref, Mapping):
            spec = self._referred(ref)
            if spec is None or not spec.offered_to(current_actor()):
                raise MCPError(code=INVALID_PARAMS, message=NOTHING_TO_COMPLETE)
        return await call_next(context)

    def _referred(self, ref: Mapping[str, Any]) -> PromptSpec | ResourceSpec | None:
        if ref.get("type") == "ref/prompt":
            return self._guides.prompt(str(ref.get("name")))
        return self._guides.template(str(ref.get("uri")))


def matches(pattern: str, address: str) -> bool:
    """Whether a resource's address, which may have ``{parameters}``, covers ``address``."""
    parts = [re.escape(part) for part in re.split(r"\{[^}]+\}", pattern)]
    return re.fullmatch(".+".join(parts), address) is not None


def _address(item: Any) -> str:
    return str(getattr(item, "uri", None) or getattr(item, "uri_template", ""))


def no_such_tool() -> Answer:
    """The one answer for a tool that does not exist and for one that is not granted."""
    return Answer.refusal(UNKNOWN_TOOL, NO_SUCH_TOOL)


RULES: dict[str, Rule] = {
    # Both eras' ways to begin, and to see whether the other side is there.
    "initialize": Gate.open_to_all,
    "server/discover": Gate.open_to_all,
    "ping": Gate.open_to_all,
    # It sets how much the client itself is told.
    "logging/setLevel": Gate.open_to_all,
    "tools/list": Gate.list_tools,
    "tools/call": Gate.call_tool,
    # Resources describe the site as the actor sees it, and tell no more than the token's tools.
    "resources/list": Gate.list_resources,
    "resources/templates/list": Gate.list_resources,
    "resources/read": Gate.read_resource,
    "prompts/list": Gate.list_prompts,
    "prompts/get": Gate.get_prompt,
    # The values come from what the actor sees; whether there is such an argument, from the grant.
    "completion/complete": Gate.complete,
    # The listener tells of nothing that the token may not list or read.
    "subscriptions/listen": Gate.open_to_all,
}
