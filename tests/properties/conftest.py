"""Every property test sees the same site before each example."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import transaction

from mcp_server.transport import runner
from tests.kitchen.models import Course, DishPage, KitchenPage
from tests.properties.trees import body
from tests.world import World

Unharmed = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _in_this_thread() -> Iterator[None]:
    """Database work happens in the test's thread, inside its transaction."""
    with runner.in_calling_thread():
        yield


@pytest.fixture
def unharmed(db: None) -> Unharmed:
    """Take back what an example writes: hypothesis runs many in one test."""

    @contextmanager
    def example() -> Iterator[None]:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return example


@pytest.fixture
def dish(world: World) -> DishPage:
    """A draft with a value in every field and blocks nested three deep."""
    course = Course.objects.create(name="Starter")
    kitchen = world.home.add_child(instance=KitchenPage(title="Kitchen", slug="kitchen"))
    page: Any = DishPage(title="Dish", slug="dish", live=False, body=body(world), course=course)
    page.notes = '<p data-block-key="n1">Some <b>notes</b>.</p>'
    kitchen.add_child(instance=page)
    page.tags.add("soup")
    page.sources.create(title="A book")
    page.save()
    page.save_revision(user=world.admin)
    found: DishPage = DishPage.objects.get(pk=page.pk)
    return found
