"""One demo site for all tests against a running server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .site import LiveSite, live_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The demo, served by one uvicorn process on a free port."""
    folder: Path = tmp_path_factory.mktemp("site")
    with live_site(folder) as running:
        yield running
