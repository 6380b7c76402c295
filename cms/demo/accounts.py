"""The three people-shaped accounts of the demo, and what their groups may do."""

import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from .tally import Tally

EDITORS, MODERATORS = "Editors", "Moderators"
WORKFLOW = "Moderators approval"
# Username, group. The admin is a superuser and needs none.
ACCOUNTS = (("admin", None), ("editor", EDITORS), ("moderator", MODERATORS))

EDITOR_ACTIONS = ("add", "change")
MODERATOR_ACTIONS = ("add", "change", "publish", "lock", "unlock")
FILE_ACTIONS = ("add", "change", "choose")


def groups() -> dict[str, Group]:
    return {name: Group.objects.get_or_create(name=name)[0] for name in (EDITORS, MODERATORS)}


def users(known: dict[str, str], tally: Tally) -> tuple[dict[str, User], dict[str, str]]:
    """The users by name, and their passwords: known ones that still work, else new ones."""
    people, passwords = {}, {}
    for username, group in ACCOUNTS:
        user, made = User.objects.get_or_create(
            username=username,
            defaults={
                "email": f"{username}@havelmoor.example",
                "first_name": username.capitalize(),
                "is_superuser": username == "admin",
            },
        )
        passwords[username] = working_password(user, known.get(username, ""), tally)
        if group:
            user.groups.add(Group.objects.get(name=group))
        tally.add("users", made)
        people[username] = user
    return people, passwords


def working_password(user: User, known: str, tally: Tally) -> str:
    if known and user.check_password(known):
        return known
    password = secrets.token_urlsafe(15)
    user.set_password(password)
    user.save(update_fields=["password"])
    tally.add("passwords")
    return password


def page_permissions(group: Group, pages: Iterable[Page], actions: Iterable[str]) -> int:
    """Give the group exactly these actions on these pages; returns how many rows changed."""
    wanted = {(page.pk, f"{action}_page") for page in pages for action in actions}
    held = {
        (row.page_id, row.permission.codename): row
        for row in GroupPagePermission.objects.filter(group=group).select_related("permission")
    }
    for page_id, codename in wanted - held.keys():
        GroupPagePermission.objects.create(
            group=group, page_id=page_id, permission_type=codename.removesuffix("_page")
        )
    extra = [row.pk for key, row in held.items() if key not in wanted]
    GroupPagePermission.objects.filter(pk__in=extra).delete()
    return len(wanted - held.keys()) + len(extra)


def file_permissions(group: Group, collection: Collection) -> int:
    """Give the group the pictures and documents of one collection and no other."""
    permissions = [
        Permission.objects.get(
            content_type__app_label=model._meta.app_label,
            codename=f"{action}_{model._meta.model_name}",
        )
        for model in (Image, Document)
        for action in FILE_ACTIONS
    ]
    others = GroupCollectionPermission.objects.filter(group=group).exclude(
        collection=collection, permission__in=permissions
    )
    changed: int = others.delete()[0]
    for permission in permissions:
        changed += GroupCollectionPermission.objects.get_or_create(
            group=group, collection=collection, permission=permission
        )[1]
    return changed


def grant(
    teams: dict[str, Group], sections: list[Page], home: Page, site_pictures: Collection,
    tally: Tally,
) -> None:  # fmt: skip
    """Replace the permissions on the whole tree that Wagtail's migrations gave both groups."""
    access = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    # Everybody connects their own assistant.
    tokens = Permission.objects.get(content_type__app_label="mcp_server", codename="add_mcptoken")
    guide = Permission.objects.get(
        content_type__app_label="mcp_server", codename="change_styleguide"
    )
    # Who writes posts says whose they are.
    authors = Permission.objects.get(content_type__app_label="blog", codename="view_author")
    for group in teams.values():
        group.permissions.add(access, tokens, guide, authors)
    editors, moderators = teams[EDITORS], teams[MODERATORS]
    changed = page_permissions(editors, sections, EDITOR_ACTIONS)
    changed += page_permissions(moderators, [home], MODERATOR_ACTIONS)
    changed += file_permissions(editors, site_pictures)
    changed += file_permissions(moderators, Collection.get_first_root_node())
    tally.add("permission changes", changed)


def workflow(home: Page, moderators: Group, tally: Tally) -> Workflow:
    """One approval by a moderator for every page below the front page."""
    flow, _made = Workflow.objects.get_or_create(name=WORKFLOW)
    task = GroupApprovalTask.objects.filter(name=WORKFLOW).first()
    if task is None:
        task = GroupApprovalTask.objects.create(name=WORKFLOW)
    task.groups.set([moderators])
    WorkflowTask.objects.get_or_create(workflow=flow, task=task, defaults={"sort_order": 0})
    made = WorkflowPage.objects.update_or_create(page=home, defaults={"workflow": flow})[1]
    tally.add("workflow assignments", made)
    return flow
