"""People who may do different things with tokens, and the addresses of the screens."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from mcp_server.actor import Actor
from mcp_server.models import MCPToken
from mcp_server.registry import ToolGroup, ToolSpec, registry


@dataclass
class People:
    """A superuser, somebody who manages users, and people with own tokens.

    manager: tokens and users. issuer: adds own tokens. other: all of own tokens. reader: none.
    """

    root: Any
    manager: Any
    issuer: Any
    reader: Any
    other: Any

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(getattr(self, name))
        return client


@pytest.fixture
def people(db: None) -> People:
    tokens = ("add_mcptoken", "change_mcptoken", "delete_mcptoken")
    return People(
        root=person("root", is_superuser=True),
        manager=person("manager", "access_admin", "change_user", *tokens),
        issuer=person("issuer", "access_admin", "add_mcptoken"),
        reader=person("reader", "access_admin"),
        other=person("other", "access_admin", *tokens),
    )


def person(name: str, *permissions: str, **fields: Any) -> Any:
    user = get_user_model().objects.create_user(name, f"{name}@example.org", **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def url(name: str, *args: Any) -> str:
    return reverse(f"wagtailsnippets_mcp_server_mcptoken:{name}", args=args)


def make(user: Any, name: str = "A token", **fields: Any) -> MCPToken:
    """A token read back from the database, which no longer knows its secret."""
    return MCPToken.objects.get(pk=MCPToken.objects.create(user=user, name=name, **fields).pk)


def posted(**fields: Any) -> dict[str, Any]:
    """What the browser sends for a token with every tool."""
    return {
        "name": "New token",
        "allowed_tools-scope": "every",
        "expiry": "never",
        "form_id": uuid4(),
        **fields,
    }


def by_name(actor: Actor) -> str:
    """Look into the store. Only for tests."""
    return ""


@pytest.fixture
def store_tool(monkeypatch: pytest.MonkeyPatch) -> ToolSpec:
    """A tool that needs a grant by name."""
    group = ToolGroup("store", "The store & more", order=900, by_name_only=True)
    spec = ToolSpec("look_into_store", group, "read", by_name)
    monkeypatch.setitem(registry._specs, spec.name, spec)
    return spec
