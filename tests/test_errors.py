"""What a client is told of a failure that is not the tool's."""

import pytest
from django.db import DataError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

from mcp_server.errors import explain


@pytest.mark.parametrize("error", [OverflowError("date value out of range"), DataError("offset")])
def test_what_is_out_of_range_is_the_callers_to_mend(error: Exception) -> None:
    code, sentence = explain(error)
    assert code == "invalid"
    assert sentence.startswith("A date or number is out of range.")


@pytest.mark.parametrize("error", [RedisAway("10.0.0.1:6379"), RedisSlow("10.0.0.1:6379")])
def test_a_cache_that_is_away_is_said_to_be(error: Exception) -> None:
    code, sentence = explain(error)
    assert code == "unavailable"
    assert "cache does not answer" in sentence
    assert "10.0.0.1" not in sentence


def test_anything_else_is_an_error_with_a_reference() -> None:
    code, sentence = explain(RuntimeError("half-written"))
    assert code == "error"
    assert "reference" in sentence
    assert "half-written" not in sentence
