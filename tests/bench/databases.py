"""Databases of the benchmark: one is filled per engine and size, the servers get copies."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

ENGINES = ("sqlite", "postgresql")


class Databases:
    """Makes and copies databases by name, and answers with the `DATABASE_URL` of each."""

    def __init__(self, engine: str, folder: Path, server: str) -> None:
        self.engine = engine
        self._folder = folder
        self._server = server
        self._prefix = f"editorial_bench_{uuid4().hex[:8]}"
        self._made: list[str] = []

    def url(self, name: str) -> str:
        if self.engine == "sqlite":
            return f"sqlite:///{self._file(name)}"
        return f"{self._server.rpartition('/')[0]}/{self._prefix}_{name}"

    def create(self, name: str, source: str = "") -> str:
        """An empty database, or a copy of ``source``, which nobody may be using."""
        if self.engine == "sqlite":
            if source:
                self._settle(source)
                shutil.copyfile(self._file(source), self._file(name))
        else:
            template = f' TEMPLATE "{self._prefix}_{source}"' if source else ""
            self._execute(f'CREATE DATABASE "{self._prefix}_{name}"{template}')
        self._made.append(name)
        return self.url(name)

    def drop(self, name: str) -> None:
        self._made.remove(name)
        if self.engine == "sqlite":
            for path in self._folder.glob(f"{name}.sqlite3*"):
                path.unlink()
        else:
            self._execute(f'DROP DATABASE IF EXISTS "{self._prefix}_{name}" WITH (FORCE)')

    def drop_all(self) -> None:
        for name in list(self._made):
            self.drop(name)

    def version(self) -> str:
        if self.engine == "sqlite":
            return f"SQLite {sqlite3.sqlite_version}"
        with psycopg.connect(self._server) as connection:
            return f"PostgreSQL {connection.info.server_version // 10000}"

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"

    def _settle(self, name: str) -> None:
        """What still stands in the write-ahead log belongs into the file that is copied."""
        connection = sqlite3.connect(self._file(name))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def databases(engine: str, folder: Path, server: str) -> Iterator[Databases]:
    """Databases that are gone afterwards; raises psycopg.OperationalError without a server."""
    if engine == "postgresql":
        psycopg.connect(server).close()
    made = Databases(engine, folder, server)
    try:
        yield made
    finally:
        made.drop_all()
