"""Rendition filters that a client may use, and addresses of media files."""

from typing import Any

from wagtail.images.models import Filter

from mcp_server.conf import mcp_settings, site_url

from .template_filters import template_filters


def rendition_filters() -> dict[str, dict[str, Any]]:
    """``{"fill-800x450": {"width": 800, "height": 450, "crop": True}, …}``, sizes in pixels.

    The filters of the setting ``RENDITIONS`` and those of the site's own templates, up to
    ``MAX_RENDITION`` pixels: a client may ask for these and no others, because every new filter
    costs the server time and disk.
    """
    specs = dict.fromkeys([*mcp_settings().RENDITIONS, *template_filters()])
    return {spec: sizes for spec in specs if (sizes := _sizes(spec)) and _is_small(sizes)}


def absolute_url(url: str) -> str:
    """The full address of a media or site path; one that is full already stays."""
    return url if url.startswith(("http://", "https://")) else f"{site_url()}{url}"


def _sizes(spec: str) -> dict[str, Any]:
    sizes: dict[str, Any] = {}
    for operation in Filter(spec).operations:
        name = getattr(operation, "method", "")
        if name in ("width", "height"):
            sizes[name] = operation.size
        elif name in ("min", "max", "fill"):
            sizes |= {"width": _of(operation, "width"), "height": _of(operation, "height")}
            sizes |= {"crop": True} if name == "fill" else {}
    return {key: value for key, value in sizes.items() if value is not None}


def _is_small(sizes: dict[str, Any]) -> bool:
    sides = [sizes[name] for name in ("width", "height") if name in sizes]
    # Filters without a size of their own ("original") are as large as the picture.
    return bool(sides) and max(sides) <= mcp_settings().MAX_RENDITION


def _of(operation: Any, name: str) -> Any:
    return getattr(operation, name, None)
