"""What fails in the shared assertions is told as in a test's own."""

import pytest

pytest.register_assert_rewrite("tests.content.round_trips")
