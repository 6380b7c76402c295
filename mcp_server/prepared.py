"""Queries that are put together once per process and executed with new values ever after.

To put a query together and turn it into SQL takes Django several times as long as a database
needs to answer a small one. What every call asks is therefore declared with ``Param`` values, and
only they differ from one time to the next. Loading, related objects and prefetches stay Django's.

A function that builds such a query is called once: it may depend on its arguments, and on nothing
else that can change while the process runs.
"""

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import NotSupportedError, connections
from django.db.models import Expression, Field
from django.db.transaction import TransactionManagementError

from .plans import keeps_plans, of_one_type, planned_once, with_literals

# Shapes of one query that are kept, such as with so many values in its list.
MAX_SHAPES = 64
# Longer lists are not filled up: SQLite takes up to a thousand conditions.
MAX_FILLED = 256


class Param(Expression):
    """A value that comes when the query is executed: an integer or a text, as its column has it.

    Of any other kind where ``field`` is given, whose column has such values.
    https://docs.djangoproject.com/en/5.2/ref/models/expressions/#writing-your-own-query-expressions
    """

    def __init__(
        self, name: str, index: int | None = None, field: "Field[Any, Any] | None" = None
    ) -> None:
        super().__init__()
        self._name, self._index, self._field = name, index, field

    @classmethod
    def each(cls, name: str, count: int) -> "list[Param]":
        """So many values that come as one list."""
        return [cls(name, index) for index in range(count)]

    def value(self, values: dict[str, Any], connection: Any) -> Any:
        """This one of ``values``, as the database takes it."""
        found = values[self._name]
        if self._index is not None:
            found = found[self._index]
        return self._field.get_db_prep_value(found, connection) if self._field else found

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder, with this object where its value will stand."""
        return "%s", [self]


class Statement:
    """A query in its final shape."""

    def __init__(self, queryset: Any) -> None:
        self._queryset = queryset
        self._compiled: dict[str, _Compiled | None] = {}

    def all(self, **values: Any) -> list[Any]:
        """The rows, with a value for each ``Param`` of the query, or a list of values."""
        rows = self._queryset._chain()
        if rows.db not in self._compiled:
            self._compiled[rows.db] = _Compiled.of(rows._chain())
        compiled = self._compiled[rows.db]
        if compiled is None:
            return []
        ready = compiled.ready(connections[rows.db], values)
        rows.query.get_compiler = lambda *args, **kwargs: ready
        return list(rows)

    def first(self, **values: Any) -> Any:
        """The first row, or None."""
        return next(iter(self.all(**values)), None)


@dataclass
class _Compiled:
    """Django's compiler for a query, after its work."""

    compiler: Any
    sql: str
    params: Sequence[Any]
    # The selected columns whose values need converting; None in place of the others.
    converted: Sequence[Any]
    # Made when it is first asked for: the query with placeholders for nothing but its values.
    sql_to_plan: str = ""

    @classmethod
    def of(cls, rows: Any) -> "_Compiled | None":
        """None for a query that has no rows whatever its values."""
        compiler = rows.query.get_compiler(rows.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        converted = [column if compiler.get_converters([column]) else None for column in columns]
        # Every thread has a connection of its own, and takes it along when it ends.
        compiler.connection = None
        return cls(compiler, sql, params, converted)

    def ready(self, connection: Any, values: dict[str, Any]) -> Any:
        """A compiler that has the values and a connection."""
        if self.compiler.query.select_for_update and connection.features.has_select_for_update:
            _require_transaction(connection)
        made = copy(self.compiler)
        made.connection = connection
        # Django asks every column for its converters in every execution; most have none.
        made.get_converters = lambda columns: type(made).get_converters(made, self.converted)
        params = [
            param.value(values, connection) if isinstance(param, Param) else param
            for param in self.params
        ]
        made.as_sql = lambda *args, **kwargs: (self.sql, tuple(params))
        if keeps_plans(connection):
            made.execute_sql = partial(self._planned, made, params)
        return made

    def _planned(self, made: Any, params: list[Any], *args: Any, **kwargs: Any) -> Any:
        """What Django's ``execute_sql`` answers, of a query that PostgreSQL has a plan of."""
        connection = made.connection
        self.sql_to_plan = self.sql_to_plan or with_literals(
            self.sql, self.params, Param, connection
        )
        as_usual = made.as_sql
        values = tuple(
            of_one_type(value, connection)
            for value, param in zip(params, self.params, strict=True)
            if isinstance(param, Param)
        )
        made.as_sql = lambda *args, **kwargs: (self.sql_to_plan, values)
        try:
            with planned_once(connection):
                return type(made).execute_sql(made, *args, **kwargs)
        except NotSupportedError:
            if connection.in_atomic_block:
                # Nothing can be asked in there any more; the next call works.
                raise
            made.as_sql = as_usual
            return type(made).execute_sql(made, *args, **kwargs)


def _require_transaction(connection: Any) -> None:
    """What Django asks when it compiles such a query."""
    if connection.get_autocommit():
        raise TransactionManagementError(
            "select_for_update cannot be used outside of a transaction."
        )


def prepared(build: Callable[..., Any]) -> Callable[..., Statement]:
    """Make a function that gives a queryset into one that gives its statement.

    The queryset is built once for each shape, which is what the function is called with.
    """

    @lru_cache(MAX_SHAPES)
    def statement(*shape: Hashable) -> Statement:
        return Statement(build(*shape))

    return wraps(build)(statement)


def filled(values: Sequence[Any]) -> list[Any]:
    """``values``, the last repeated up to the next power of two: lists of few lengths."""
    if not 0 < len(values) <= MAX_FILLED:
        return list(values)
    length = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (length - len(values))]
