"""The README's tables name what there is: each rule in the model and in the code, the tests of it, each command."""

import re

import pytest

from grid_config.commands import Command
from infra.places import CHECKOUT

README = (CHECKOUT / "tests" / "model" / "README.md").read_text()
FOLDERS = ("data_pumps", "data_writers", "grid_config", "processing_units", "tests")
SEEDED_BUGS, TRACES = CHECKOUT / "tests/faults/seeded_bugs", CHECKOUT / "tests/model/traces"
QUOTED = re.compile(r"`([^`]+)`")
TYPE = re.compile(r"\b(?:class|record|enum|interface) (\w+)")
CALLABLE = re.compile(r"\b(\w+)\(")
STATEMENT = re.compile(r"^-- (\w+) --$", re.MULTILINE)
OF_HAZELCAST = {"backup.sync.interval"}


class Source:
    """A file, and what it defines or calls."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.types = {*TYPE.findall(text), path.rsplit("/", 1)[1].split(".", maxsplit=1)[0]}
        self.names = {*self.types, *CALLABLE.findall(text), *STATEMENT.findall(text)}


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    files = (path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*") if path.suffix in {".py", ".java", ".sql"})
    return [Source(f"/{path.relative_to(CHECKOUT)}", path.read_text()) for path in files]


def _rows(heading: str) -> list[list[str]]:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")][2:]


def _missing(names: set[str], sources: list[Source]) -> list[str]:
    return sorted(name for name in names if not _is_there(name, sources))


def _is_there(name: str, sources: list[Source]) -> bool:
    if name.endswith((".py", ".sql")):
        return any(source.path.endswith(f"/{name}") for source in sources)
    owner, _, part = name.replace("::", ".").partition(".")
    if part:
        return any(part in source.names for source in sources if owner in source.types)
    kept = (SEEDED_BUGS / f"{name}.patch").exists() or (TRACES / f"{name}.txt").exists()
    return kept or any(name in source.names for source in sources)


def test_every_name_of_a_rule_is_in_the_model_and_in_the_code(sources: list[Source]) -> None:
    rows = _rows("Each rule, its code, the test of the real thing")
    named = {name for row in rows for cell in row[2:] for name in QUOTED.findall(cell)}
    assert len(named) > 80
    assert _missing(named - OF_HAZELCAST, sources) == []


def test_every_command_is_in_the_model_or_it_is_said_why_not(sources: list[Source]) -> None:
    rows = _rows("Each command")
    commands = {command.name for command in Command}
    assert {name for row in rows for name in QUOTED.findall(row[0])} == commands
    assert _missing({name for row in rows for name in QUOTED.findall(row[1])} - commands, sources) == []
