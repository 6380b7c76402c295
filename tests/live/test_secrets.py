"""A secret appears once, in one response: it is in no file of the site and on no admin page."""

from pathlib import Path

from . import rpc
from .site import LiveSite

PAGES = (
    "/admin/",
    "/admin/snippets/mcp_server/mcptoken/",
    "/admin/reports/site-history/",
    "/admin/reports/site-history/?export=csv",
)
NAMES = ("admin", "editor", "moderator")


def test_no_secret_in_database_files_logs_or_admin_pages(site: LiveSite) -> None:
    use_every_path(site)
    texts = searched(site)
    # The positive control: the search would find what is there, in the log as well.
    assert any(b"Application startup complete" in text for text in texts)
    assert any(b"Editor" in text for text in texts)
    for name in NAMES:
        secret = site.token(name).encode()
        assert secret in (site.folder / "demo.json").read_bytes()
        assert sum(secret in content for content in texts) == 0


def use_every_path(site: LiveSite) -> None:
    """Send each token the ways it may go, and the ways it may not."""
    for name in NAMES:
        secret = site.token(name)
        rpc.call(site.mcp_url, secret, "get_user_info")
        rpc.call(site.mcp_url, secret, "get_page_content", page_id=0)
        rpc.post(f"{site.mcp_url}?token={secret}", None, "tools/list")
        rpc.post(f"{site.mcp_url}sse/?token={secret}", None, "tools/list")
        rpc.post_raw(site.mcp_url, secret, "{")
        rpc.post_raw(site.mcp_url, secret[:-1], "{}")


def searched(site: LiveSite) -> list[bytes]:
    """What a superuser sees of tokens and history, and every file that the site wrote."""
    admin = site.admin()
    files = [path.read_bytes() for path in site.folder.rglob("*") if _is_searched(path)]
    return [admin.get(page).content for page in (*PAGES, *_token_pages(site))] + files


def _token_pages(site: LiveSite) -> list[str]:
    keys = site.manage(
        "shell", "--command",
        "from mcp_server.models import MCPToken; "
        "print(*MCPToken.objects.values_list('pk', flat=True))",
    ).split()  # fmt: skip
    numbers = [key for key in keys if key.isdecimal()]
    return [f"/admin/snippets/mcp_server/mcptoken/edit/{key}/" for key in numbers] + [
        f"/admin/snippets/mcp_server/mcptoken/history/{key}/" for key in numbers
    ]


def _is_searched(path: Path) -> bool:
    return path.is_file() and path.name != "demo.json" and "media" not in path.parts
