"""Plans that PostgreSQL keeps for prepared queries, where the site lets it.

Planning takes it longer than answering a small query. Django writes the values into the text of a
query, so that each is planned anew. psycopg has a query prepared when the values come beside it and
the database's ``OPTIONS`` have ``prepare_threshold``:
https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import NotSupportedError

_PLACEHOLDER = re.compile("(%[%s])")
_BIGINT = range(-(2**63), 2**63)


def keeps_plans(connection: Any) -> bool:
    """Whether queries are to be prepared on this connection, which is opened for that."""
    if connection.vendor != "postgresql":
        return False
    connection.ensure_connection()
    raw = connection.connection
    # psycopg 2, which Django takes as well, has no such attribute.
    if getattr(raw, "prepare_threshold", None) is None:
        return False
    from django.db.backends.postgresql.base import Cursor

    # Whoever has put another kind of cursor there, to trace queries for example, keeps it.
    return raw.cursor_factory is Cursor


@contextmanager
def planned_once(connection: Any) -> Iterator[None]:
    """What is executed in here has its values beside it. For a connection that keeps plans.

    Raises NotSupportedError when somebody has altered a table since, and then keeps no plans on
    this connection any more: PostgreSQL refuses the old ones for as long as it is open.
    """
    from django.db.backends.postgresql.base import ServerBindingCursor

    raw = connection.connection
    usual, raw.cursor_factory = raw.cursor_factory, ServerBindingCursor
    try:
        yield
    except NotSupportedError:
        raw.prepare_threshold = None
        raise
    finally:
        raw.cursor_factory = usual


def with_literals(sql: str, params: Sequence[Any], kept: type, connection: Any) -> str:
    """``sql`` with all parameters written into it but those of the class ``kept``.

    PostgreSQL cannot always tell what a parameter is that nothing is compared to; what Django
    writes for such an expression holds its value.
    """
    from psycopg.sql import Literal

    rest = iter(params)

    def written(sign: str) -> str:
        param = next(rest) if sign == "%s" else None
        if sign != "%s" or isinstance(param, kept):
            return sign
        return Literal(param).as_string(connection.connection).replace("%", "%%")

    parts = _PLACEHOLDER.split(sql)
    return "".join(written(part) if part in ("%s", "%%") else part for part in parts)


def of_one_type(value: Any, connection: Any) -> Any:
    """Whole numbers as bigint: by their size they would be of three types, with a plan for each."""
    if type(value) is int and value in _BIGINT:
        return connection.ops.adapt_integerfield_value(value, "BigIntegerField")
    return value
