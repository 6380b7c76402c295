"""What the tests of uploads share."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupCollectionPermission

from tests.world import World


@pytest.fixture
def papers(world: World) -> World:
    """The world, where the editor may add documents to Pictures and the moderator to all."""
    for group, collection in (("Editors", world.pictures), ("Moderators", world.archive)):
        for action in ("add", "change", "choose"):
            GroupCollectionPermission.objects.create(
                group=Group.objects.get(name=group),
                collection=collection,
                permission=Permission.objects.get(
                    codename=f"{action}_document", content_type__app_label="wagtaildocs"
                ),
            )
    return world


@pytest.fixture
def files() -> Any:
    """The names of all files below the media folder, whenever it is called."""

    def found() -> set[str]:
        root = Path(django_settings.MEDIA_ROOT)
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}

    return found
