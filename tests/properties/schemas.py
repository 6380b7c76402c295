"""Arguments for a tool from its own input schema, right, nearly right and hostile.

Written here, because hypothesis-jsonschema has had no release since February 2024 and its
examples are right by design, where what breaks a server is nearly right.
"""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.properties.hostile import Strategy, json_values, numbers, texts
from tests.properties.trees import BLOCKS

Schema = Mapping[str, Any]
anything = json_values(6)


def arguments(schema: Schema, known: Mapping[str, list[Any]]) -> Strategy:
    """Mostly complete sets of arguments, in which ids and such are often of what is there.

    ``known`` are likely values for an argument, or for an ending of its name.
    """
    properties = dict(schema.get("properties", {}))
    required = {
        name: argument(name, properties[name], known) for name in schema.get("required", [])
    }
    optional = {
        name: argument(name, each, known)
        for name, each in properties.items()
        if name not in required
    }
    complete = st.fixed_dictionaries(required, optional=optional)
    lacking = st.fixed_dictionaries({}, optional={**required, **optional})
    more = st.dictionaries(st.text(max_size=8), anything, max_size=2)
    extended = st.tuples(lacking, more).map(lambda both: {**both[1], **both[0]})
    return st.one_of(complete, complete, complete, extended)


def argument(name: str, schema: Schema, known: Mapping[str, list[Any]]) -> Strategy:
    likely = [
        value for ending, values in known.items() if name.endswith(ending) for value in values
    ]
    right = st.sampled_from(likely) if likely else fitting(schema)
    return st.one_of(right, right, right, fitting(schema), anything)


def fitting(schema: Schema) -> Strategy:
    """Values that the schema, or most of it, allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([fitting(each) for each in schema["anyOf"]])
    kinds = schema.get("type", [])
    named = [kinds] if isinstance(kinds, str) else kinds
    return st.one_of([_kind(kind, schema) for kind in named] or [anything])


def _kind(kind: str, schema: Schema) -> Strategy:
    if kind == "integer":
        return st.integers(schema.get("minimum", -3), schema.get("maximum", 2**63)) | st.integers(
            0, 60
        )
    if kind == "array":
        items = fitting(schema.get("items", {}))
        blocks: Strategy = st.sampled_from(BLOCKS)
        return st.lists(items | blocks | anything, max_size=4)
    if kind == "object":
        return st.dictionaries(st.text(max_size=8), anything, max_size=3)
    simple: dict[str, Strategy] = {
        "string": texts,
        "number": numbers,
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return simple.get(kind, anything)
