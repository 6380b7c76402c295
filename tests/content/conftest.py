"""What the tests of content share."""

import pytest
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model

from tests.kitchen.models import Course, KitchenPage
from tests.world import World

# What fails in the shared assertions is told as in a test's own.
pytest.register_assert_rewrite("tests.content.round_trips")


@pytest.fixture
def kitchen(world: World) -> World:
    """The small site with a place for dishes, and one of everything that a dish may name."""
    world.home.add_child(instance=KitchenPage(title="Kitchen", slug="kitchen"))
    Course.objects.create(name="Starter")
    get_document_model().objects.create(
        title="Recipe", file=ContentFile(b"a recipe", name="recipe.txt"), collection=world.archive
    )
    return world
