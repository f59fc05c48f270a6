"""What both kinds of tests of linearizability need: the built checker."""

import pytest

from tests.fixtures.judge import Judge


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(tmp_path_factory.mktemp("checker"))
