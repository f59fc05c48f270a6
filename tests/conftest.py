"""The fixtures that every kind of test may ask for."""

pytest_plugins = [
    "tests.fixtures.system",
    "tests.fixtures.database",
    "tests.fixtures.grid",
    "tests.fixtures.http",
    "tests.fixtures.browser",
    "tests.fixtures.payments_room",
]
