"""What every test shares."""

import pytest
from django.conf import settings
from django.db import connection

from tests.world import World, build_world


def pytest_report_header() -> str:
    cache = settings.CACHES["default"]["BACKEND"].rpartition(".")[2]
    return f"database: {connection.vendor}, cache: {cache}"


@pytest.fixture
def world(db: None) -> World:
    """A small site with an editor, an outsider, a moderator and an admin."""
    return build_world()
