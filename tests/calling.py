"""A tool call as a client makes it, without the protocol around it."""

from typing import Any

from mcp_server.actor import Actor
from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call


def answered(actor: Actor, name: str, /, client: Any = None, **given: Any) -> Any:
    """The structured content of a call that has to work; ``client`` is its name and version."""
    spec = registry.get(name)
    assert spec is not None
    answer = call(actor, spec, Arguments(spec), given, client or {})
    assert not answer.is_error, answer.content[0].text  # type: ignore[union-attr]
    return answer.structured_content
