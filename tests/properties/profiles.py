"""How many examples a property is tried with.

The same ones on every run, so that a failure says something about a change; with
``HYPOTHESIS_PROFILE=deep`` fifty times as many, and others each time.
"""

import os

from hypothesis import HealthCheck, settings

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def examples(number: int) -> settings:
    """Settings for a test with so many examples; no example is held to a time."""
    return settings(
        max_examples=number * 50 if DEEP else number,
        derandomize=not DEEP,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[
            # The site is built once; every example leaves it as it was.
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )
