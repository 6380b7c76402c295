"""Answers the form: which tools a user could never use, and why."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404

from mcp_server.registry import registry

from .policy import policy, token_owners
from .widgets import out_of_reach


def reach(request: HttpRequest) -> JsonResponse:
    """``{tool: reason}`` for one of the users that this one may issue a token for."""
    chosen = request.GET.get("user", "")
    owners = token_owners(request.user)
    if not policy.user_has_permission(request.user, "add"):
        raise PermissionDenied
    owner = get_object_or_404(owners, pk=chosen if chosen.isdecimal() else 0)
    return JsonResponse(
        {
            spec.name: reasons[spec.kind]
            for group, specs in registry.grouped()
            for reasons in [out_of_reach(owner, group)]
            for spec in specs
            if spec.kind in reasons
        }
    )
