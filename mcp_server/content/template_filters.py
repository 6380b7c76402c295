"""The rendition filters that the site's own templates use."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from wagtail.blocks import BaseStreamBlock, BaseStructBlock, ListBlock
from wagtail.fields import StreamField
from wagtail.images.models import Filter
from wagtail.images.templatetags.wagtailimages_tags import ImageNode, SrcsetImageNode

from .page_types import page_models


@lru_cache(maxsize=1)
def template_filters() -> tuple[str, ...]:
    """``("fill-400x250", "width-480", …)`` of the image tags in the templates of page types and
    blocks, and in what those extend and include; read once per process.

    Filters in Jinja templates, and in templates whose name is only known while rendering, are
    not found: the setting ``RENDITIONS`` names them.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    queue = list(_entrances())
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            for node in _nodes(name):
                found.update(dict.fromkeys(_specs(node)))
                queue.extend(_leads_to(node))
    return tuple(sorted(found))


def _entrances() -> Iterator[str]:
    for model in page_models().values():
        yield str(model.template)
        for field in model._meta.get_fields():
            if isinstance(field, StreamField):
                yield from _block_templates(field.stream_block)


def _block_templates(block: Any) -> Iterator[str]:
    if name := getattr(block.meta, "template", None):
        yield str(name)
    if isinstance(block, BaseStreamBlock | BaseStructBlock):
        children = list(block.child_blocks.values())
    else:
        children = [block.child_block] if isinstance(block, ListBlock) else []
    for child in children:
        yield from _block_templates(child)


def _nodes(name: str) -> list[Any]:
    try:
        template = getattr(get_template(name), "template", None)
    except (TemplateDoesNotExist, TemplateSyntaxError):
        # A page type without a template has no renditions either.
        return []
    nodes = getattr(template, "nodelist", None)
    return nodes.get_nodes_by_type(object) if nodes is not None else []


def _specs(node: Any) -> list[str]:
    if isinstance(node, SrcsetImageNode):
        return list(Filter.expand_spec(node.filter_specs))
    return ["|".join(node.filter_specs)] if isinstance(node, ImageNode) else []


def _leads_to(node: Any) -> list[str]:
    """Names of the templates that the node brings in, where the source has them."""
    if isinstance(node, ExtendsNode):
        return _constant(node.parent_name)
    if isinstance(node, IncludeNode):
        return _constant(node.template)
    filename = getattr(node, "filename", None)
    return [filename] if isinstance(filename, str) else []


def _constant(expression: Any) -> list[str]:
    value = getattr(expression, "var", None)
    return [value] if isinstance(value, str) else []


def _reset(*, setting: str, **_: Any) -> None:
    if setting in ("TEMPLATES", "INSTALLED_APPS"):
        template_filters.cache_clear()


setting_changed.connect(_reset)
