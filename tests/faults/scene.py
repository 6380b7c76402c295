"""Where a fault happens: a kind of database, a folder, and demo sites that are quick to get."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from tests.live.databases import new_database
from tests.live.site import ROOT, LiveSite

from .cluster import Cluster

T = TypeVar("T")

SQLITE = "db.sqlite3"


@dataclass(frozen=True)
class Scene:
    """See the package's docstring. ``template`` is a loaded demo whose server never runs."""

    database: str
    folder: Path
    quick: bool
    template: LiveSite
    # The PostgreSQL server on which databases are made; "" for SQLite.
    server: str = ""
    cluster: Cluster | None = None
    _inspectors: dict[int, ProcessPoolExecutor] = field(default_factory=dict)

    def rounds(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    @contextmanager
    def site(self, *options: str, **environment: str) -> Iterator[LiveSite]:
        """A copy of the demo, served."""
        with self.unserved_site(*options, **environment) as site, site.serving():
            yield site

    @contextmanager
    def unserved_site(self, *options: str, **environment: str) -> Iterator[LiveSite]:
        """A copy of the demo, to be started by whoever asked for it."""
        with ExitStack() as stack:
            folder = self.folder / f"site-{len(list(self.folder.iterdir()))}"
            shutil.copytree(self.template.folder, folder)
            url = f"sqlite:///{folder / SQLITE}"
            if self.server:
                name = self.template.environment["DATABASE_URL"].rpartition("/")[2]
                url = stack.enter_context(new_database(self.server, template=name))
            site = LiveSite.at(folder, url)
            site.environment |= environment
            site.options = options
            site.read_demo()
            try:
                yield site
            finally:
                self._dismiss(site)

    def inspect(self, site: LiveSite, function: Callable[..., T], *arguments: object) -> T:
        """What the function returns, in a process that has Django set up as the site has it."""
        if site.port not in self._inspectors:
            self._inspectors[site.port] = ProcessPoolExecutor(
                1, get_context("spawn"), _set_up, (site.environment,)
            )
        return self._inspectors[site.port].submit(_fresh, function, *arguments).result()

    def _dismiss(self, site: LiveSite) -> None:
        inspector = self._inspectors.pop(site.port, None)
        if inspector:
            inspector.shutdown()


def with_settings(site: LiveSite, name: str, source: str) -> dict[str, str]:
    """The environment in which the site has the demo's settings, changed by these lines."""
    (site.folder / f"{name}.py").write_text(f"from cms.settings.dev import *\n{source}\n")
    path = f"{site.folder}{os.pathsep}{ROOT}"
    return {**site.environment, "DJANGO_SETTINGS_MODULE": name, "PYTHONPATH": path}


@contextmanager
def scenes(
    folder: Path, database: str, server: str, quick: bool, cluster: Cluster | None = None
) -> Iterator[Callable[[str], Scene]]:
    """Makes the template; yields a function from a fault's name to the scene of that fault."""
    home = folder / f"template-{database}"
    home.mkdir()
    with ExitStack() as stack:
        url = stack.enter_context(new_database(server)) if server else f"sqlite:///{home / SQLITE}"
        template = LiveSite.at(home, url)
        template.load()
        scene = Scene(database, folder, quick, template, server, cluster)

        def at(name: str) -> Scene:
            own = folder / f"{name}-{database}"
            own.mkdir()
            return replace(scene, folder=own, _inspectors={})

        yield at


def _set_up(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()


def _fresh(function: Callable[..., T], *arguments: object) -> T:
    """With connections that know nothing of the call before, nor of a server that was restarted."""
    from django.db import connections

    try:
        return function(*arguments)
    finally:
        for connection in connections.all():
            connection.close()
            # Of PostgreSQL: a closed connection goes back into the pool, and stays open there.
            if hasattr(connection, "close_pool"):
                connection.close_pool()
