"""A ToolSpec as a tool that FastMCP serves."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from fastmcp import FastMCP
from fastmcp.server.dependencies import get_context
from fastmcp.server.middleware import CallNext, MiddlewareContext
from fastmcp.server.middleware.tool_injection import ToolInjectionMiddleware
from fastmcp.tools import Tool
from fastmcp.tools.base import ToolResult
from mcp_types import Tool as WireTool
from mcp_types import ToolAnnotations
from pydantic import PrivateAttr

from mcp_server.errors import explain
from mcp_server.registry import Kind, ToolSpec

from . import runner
from .answer import Answer
from .arguments import Arguments
from .call import call
from .context import client_of, current_actor, share

ANNOTATIONS: dict[Kind, ToolAnnotations] = {
    "read": ToolAnnotations(read_only_hint=True, open_world_hint=False),
    "draft": ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False),
    "live": ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False),
    "destructive": ToolAnnotations(
        read_only_hint=False, destructive_hint=True, open_world_hint=False
    ),
}


class EditorTool(Tool):
    """Runs the spec's function in a thread, as the actor of the request."""

    _spec: ToolSpec = PrivateAttr()
    _arguments: Arguments = PrivateAttr()
    _on_the_wire: WireTool = PrivateAttr()

    @classmethod
    def of(cls, spec: ToolSpec) -> Self:
        arguments = Arguments(spec)
        made = cls(
            name=spec.name,
            description=spec.description,
            parameters=arguments.schema(),
            annotations=ANNOTATIONS[spec.kind],
        )
        made._spec = spec
        made._arguments = arguments
        # Once: FastMCP makes every tool of every list anew, and adds its own tags to it.
        made._on_the_wire = Tool.to_mcp_tool(made, _meta=None)
        return made

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        client = client_of(get_context())
        work = partial(call, current_actor(), self._spec, self._arguments, arguments, client)
        # What a tool prepares, such as a download, may take long: it takes no turn, and waits
        # for SQLite's own lock.
        if not self._spec.writes or self._spec.prepare:
            return await runner.run(work)
        try:
            return await runner.run_write(work)
        except OperationalError as error:
            return Answer.refusal(*explain(error))

    def to_mcp_tool(self, **overrides: Any) -> WireTool:
        ready = self._on_the_wire
        if overrides == {"name": ready.name}:
            return ready
        return super().to_mcp_tool(**{"_meta": None, **overrides})


class EditorTools(ToolInjectionMiddleware):
    """Our tools, found by name alone.

    FastMCP looks for a registered tool in its providers, versions and visibility rules in every
    call. Those are for tools that a site writes straight for FastMCP, which cannot have the name
    of one of ours.
    """

    def __init__(self, specs: Sequence[ToolSpec]) -> None:
        """Raises ValueError when two tools have one name."""
        for name, times in Counter(spec.name for spec in specs).items():
            if times > 1:
                raise ValueError(f"There are {times} tools called {name}.")
        super().__init__([EditorTool.of(spec) for spec in specs])

    async def __call__(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        if context.type == "request" and not self._is_ours(context) and context.fastmcp_context:
            await share(context.fastmcp_context, current_actor())
        return await call_next(context)

    @asynccontextmanager
    async def lifespan(self, server: "FastMCP[Any]") -> AsyncIterator[dict[str, Any]]:
        """The server's. Raises ImproperlyConfigured when one of ours hides another tool."""
        for tool in await server.local_provider.list_tools():
            if self.get_injected_tool(tool.name) is not None:
                raise ImproperlyConfigured(
                    f"There is a tool called {tool.name} already. Give the other one a new name."
                )
        yield {}

    def _is_ours(self, context: MiddlewareContext[Any]) -> bool:
        name = getattr(context.message, "name", "")
        return context.method == "tools/call" and self.get_injected_tool(name) is not None
