"""The site's design decisions, read from where the site itself keeps them."""

from pathlib import Path
from typing import Any

import tinycss2
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.template.loader_tags import BlockNode, ExtendsNode

from mcp_server.conf import mcp_settings

from .page_types import page_models

MAX_BYTES = 1_000_000


def design_tokens() -> dict[str, Any]:
    """``{stylesheet: {selector or media query: {group: {"--name": "value"}}}}``.

    A group is the comment that stands before its properties in the stylesheet.
    """
    sheets = {path: _stylesheet(path) for path in mcp_settings().STYLESHEETS}
    return {"stylesheets": {path: tokens for path, tokens in sheets.items() if tokens}}


def page_templates() -> dict[str, Any]:
    """``{"base": {"template", "blocks"}, "types": {type: {"template", "fills"}}}``."""
    base = mcp_settings().BASE_TEMPLATE
    types = {}
    for label, model in sorted(page_models().items()):
        path = str(model.template)
        types[label] = {"template": path, "fills": _block_names(path)}
    return {"base": {"template": base, "blocks": _block_names(base)}, "types": types}


def _stylesheet(path: str) -> dict[str, Any]:
    rules = tinycss2.parse_stylesheet(_source(path), skip_whitespace=True)
    found: dict[str, Any] = {}
    _collect(rules, "", found)
    return found


def _collect(rules: Any, media: str, found: dict[str, Any]) -> None:
    for rule in rules:
        if rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword == "media":
            query = tinycss2.serialize(rule.prelude).strip()
            inner = tinycss2.parse_rule_list(rule.content, skip_whitespace=True)
            _collect(inner, f"@media {query} ", found)
        elif rule.type == "qualified-rule":
            groups = _properties(rule.content)
            if groups:
                found[f"{media}{tinycss2.serialize(rule.prelude).strip()}"] = groups


def _properties(content: Any) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    group = "general"
    for item in tinycss2.parse_blocks_contents(content):
        if item.type == "comment":
            group = " ".join(item.value.split())[:80]
        elif item.type == "declaration" and item.name.startswith("--"):
            groups.setdefault(group, {})[item.name] = tinycss2.serialize(item.value).strip()
    return groups


def _source(path: str) -> str:
    located = finders.find(path)
    if isinstance(located, str):
        return Path(located).read_text(encoding="utf-8")[:MAX_BYTES]
    # In production the sources may be gone and only the collected file there.
    if staticfiles_storage.exists(path):
        with staticfiles_storage.open(path) as file:
            return str(file.read(MAX_BYTES).decode("utf-8"))
    return ""


def _block_names(path: str) -> list[str]:
    try:
        template = getattr(get_template(path), "template", None)
    except TemplateDoesNotExist:
        return []
    nodes = getattr(template, "nodelist", None)
    if nodes is None:
        # A Jinja2 template; its blocks have no common interface with Django's.
        return sorted(getattr(template, "blocks", {}))
    names = [node.name for node in nodes.get_nodes_by_type(BlockNode)]
    extended = [node for node in nodes if isinstance(node, ExtendsNode)]
    return list(dict.fromkeys(names if not extended else list(extended[0].blocks)))
