"""Who a call acts for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from wagtail.models import Page

    from .models import MCPToken


@dataclass(frozen=True, slots=True)
class Actor:
    """The user a tool runs as, and the token that let the call in.

    ``token`` is None only where a site in DEBUG serves without authentication
    (``MCP_REQUIRE_AUTH = False``), and where a person undoes changes in the admin. The user is
    never anonymous: Wagtail's actions skip every check when they are given no user.
    """

    user: "AbstractUser"
    token: "MCPToken | None" = None

    def __post_init__(self) -> None:
        if not getattr(self.user, "is_authenticated", False) or self.user.pk is None:
            raise ValueError("An Actor needs a saved, authenticated user.")

    @property
    def root_page(self) -> "Page | None":
        """The page that the token is limited to, with everything below it; None: no limit."""
        return self.token.root_page if self.token else None

    def may_use(self, tool_name: str, *, explicit: bool = False) -> bool:
        """Whether the token grants ``tool_name``; ``explicit`` asks for a grant by name."""
        if self.token is None:
            return not explicit
        return self.token.can_use_tool(tool_name)
