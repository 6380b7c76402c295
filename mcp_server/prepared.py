"""Queries that are put together once per process and asked with new values ever after.

To put a query together and turn it into SQL takes Django several times as long as a database
needs to answer a small one. What every call asks is therefore declared with ``Named`` values, and
only they differ from one time to the next. Loading, related objects and prefetches stay Django's.
"""

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression

# Forms of one query, such as with so many values in its list.
MAX_FORMS = 64


class Named(Expression):
    """A value that is told when the query is asked: an integer or a text, as its column has it.

    https://docs.djangoproject.com/en/5.2/ref/models/expressions/#writing-your-own-query-expressions
    """

    def __init__(self, name: str, place: int | None = None) -> None:
        super().__init__()
        self._name, self._place = name, place

    @classmethod
    def each(cls, name: str, count: int) -> "list[Named]":
        """So many values that are told as one list."""
        return [cls(name, place) for place in range(count)]

    def value(self, told: dict[str, Any]) -> Any:
        """This one of what is told."""
        return told[self._name] if self._place is None else told[self._name][self._place]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder, with this object where its value will stand."""
        return "%s", [self]


class Statement:
    """A query in its final form."""

    def __init__(self, queryset: Any) -> None:
        self._queryset = queryset
        self._compiled: dict[str, _Compiled | None] = {}

    def ask(self, **told: Any) -> list[Any]:
        """The rows, with a value for each ``Named`` of the query, or a list of values."""
        rows = self._queryset._chain()
        if rows.db not in self._compiled:
            self._compiled[rows.db] = _Compiled.of(rows)
        compiled = self._compiled[rows.db]
        if compiled is None:
            return []
        ready = compiled.ready(connections[rows.db], told)
        rows.query.get_compiler = lambda *args, **kwargs: ready
        return list(rows)

    def first(self, **told: Any) -> Any:
        """The first row, or None."""
        return next(iter(self.ask(**told)), None)


@dataclass(frozen=True)
class _Compiled:
    """Django's compiler for a query, after its work."""

    compiler: Any
    sql: str
    params: Sequence[Any]

    @classmethod
    def of(cls, rows: Any) -> "_Compiled | None":
        """None for a query that has no rows whatever its values."""
        compiler = rows.query.get_compiler(rows.db)
        try:
            return cls(compiler, *compiler.as_sql())
        except EmptyResultSet:
            return None

    def ready(self, connection: Any, told: dict[str, Any]) -> Any:
        """A compiler for the values; every thread has a connection of its own."""
        values = tuple(
            param.value(told) if isinstance(param, Named) else param for param in self.params
        )
        made = copy(self.compiler)
        made.connection = connection
        made.as_sql = lambda *args, **kwargs: (self.sql, values)
        return made


def prepared(build: Callable[..., Any]) -> Callable[..., Statement]:
    """Make a function that gives a queryset into one that gives its statement.

    The queryset is made once for each form, which is what the function is called with.
    """

    @lru_cache(MAX_FORMS)
    def statement(*form: Hashable) -> Statement:
        return Statement(build(*form))

    return wraps(build)(statement)


def filled(values: Sequence[Any]) -> list[Any]:
    """``values``, the last repeated up to the next power of two: a list for ``IN`` in few forms."""
    if not values:
        return []
    wanted = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (wanted - len(values))]
