"""PostgreSQL databases that are gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg


@contextmanager
def new_database(server: str, template: str = "") -> Iterator[str]:
    """A database beside the one that the URL ``server`` names: empty, or a copy of ``template``.

    Yields its URL. Nobody may be connected to the template meanwhile.
    """
    address, _, _ = server.rpartition("/")
    name = f"editorial_{uuid4().hex[:12]}"
    copied = f' TEMPLATE "{template}"' if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{copied}'.encode())
    try:
        yield f"{address}/{name}"
    finally:
        # A connection of its own: the server may have been restarted meanwhile.
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
