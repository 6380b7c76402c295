"""What the site looks like: design tokens, templates, rendition filters."""

from typing import Any

from mcp_server.api import Actor, rendition_filters, resource
from mcp_server.content.design import design_tokens, page_templates


@resource("design://tokens")
def design_tokens_resource(actor: Actor) -> dict[str, Any]:
    """The site's CSS custom properties by group: colours, type, spacing; read from its
    stylesheets."""
    return design_tokens()


@resource("design://templates")
def design_templates(actor: Actor) -> dict[str, Any]:
    """The blocks of the base template, and the template of each page type with the blocks it
    fills."""
    return page_templates()


@resource("design://renditions")
def design_renditions(actor: Actor) -> dict[str, Any]:
    """The rendition filters that get_image accepts, each with its sizes in pixels."""
    return {"renditions": rendition_filters()}
