"""The fixtures that every kind of test may ask for."""

import pytest

pytest.register_assert_rewrite("tests.fixtures")  # what they check tells its values when it fails, as in a test

pytest_plugins = [
    "tests.fixtures.system",
    "tests.fixtures.database",
    "tests.fixtures.grid",
    "tests.fixtures.http",
    "tests.fixtures.browser",
    "tests.fixtures.payments_room",
]
