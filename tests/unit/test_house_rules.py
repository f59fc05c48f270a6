"""Rules of this project about its own source that no linter has: how long a file may be, what a docstring must not leave out."""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from infra.places import CHECKOUT

ROOMS = ("processing_units", "data_pumps", "data_writers", "grid_config", "infra", "web")
SOURCES = (*ROOMS, "tests")
ENDINGS = {".py", ".java", ".js", ".sql", ".css", ".html", ".go", ".sh"}
MADE = {"node_modules", "target", "__pycache__"}  # folders of what is made, not written

LINES_MAX = 300
LONGER = {
    "data_writers/migrations/main/0003.procrastinate-3.10.0.sql": "the job queue's schema, word for word as its release has it",
}

# How a command ends with one line, and how what cannot be is said: nobody handles these.
UNNAMED = {"Stop", "SystemExit", "AssertionError", "NotImplementedError"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Public(NamedTuple):
    """A function or method that another module may call, and what is said of it: its module's and class's words too."""

    place: str
    function: Function
    said: str


def written(*tops: str) -> Iterator[Path]:
    for top in tops:
        for path in sorted((CHECKOUT / top).rglob("*")):
            if path.suffix in ENDINGS and path.is_file() and not MADE & set(path.relative_to(CHECKOUT).parts):
                yield path


def public_functions() -> Iterator[Public]:
    for path in written(*ROOMS):
        if path.suffix == ".py":
            module = ast.parse(path.read_text())
            yield from _public_in(module, str(path.relative_to(CHECKOUT)), "")


def _public_in(body: ast.Module | ast.ClassDef, place: str, said: str) -> Iterator[Public]:
    said += ast.get_docstring(body) or ""
    for node in body.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public_in(node, f"{place}::{node.name}", said)
        elif isinstance(node, Function) and not node.name.startswith("_") and not _is_endpoint(node):
            yield Public(f"{place}::{node.name}", node, said + (ast.get_docstring(node) or ""))


def _is_endpoint(function: Function) -> bool:
    """Its contract stands in its decorator, and from there in the OpenAPI document."""
    return any(ast.unparse(decorator).startswith("documented(") for decorator in function.decorator_list)


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What is in the function, without what is in functions inside it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            yield node
            yield from own_nodes(node)


def raised(function: Function) -> set[str]:
    """The names of what a function itself raises and does not catch: a class, or a function that makes the error."""
    names, caught = set(), set()
    for node in own_nodes(function):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            caught |= {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)}
        if isinstance(node, ast.Raise) and node.exc is not None:
            maker = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            names.add(maker.attr if isinstance(maker, ast.Attribute) else getattr(maker, "id", ""))
    variables = {node.id for node in own_nodes(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    variables |= {node.name for node in own_nodes(function) if isinstance(node, ast.ExceptHandler) and node.name}
    return {name for name in names - caught - variables - UNNAMED if name}


def kinds_of(error: str) -> set[str]:
    """An error's own name, and its bases' where it is Python's; what a function makes is a Problem, named as such or by its code."""
    if error[0].islower() or error[0] == "_":
        return {error, "Problem", "`"}
    found = getattr(builtins, error, None)
    return {error} | ({base.__name__ for base in found.__mro__} - {"object", "BaseException"} if isinstance(found, type) else set())


def may_be_none(function: Function) -> bool:
    returns = function.returns
    while isinstance(returns, ast.BinOp):
        if isinstance(returns.right, ast.Constant) and returns.right.value is None:
            return True
        returns = returns.left
    return False


def test_a_file_is_of_a_size_that_is_read_at_once():
    long = {str(path.relative_to(CHECKOUT)): path.read_bytes().count(b"\n") for path in written(*SOURCES)}
    long = {path: lines for path, lines in long.items() if lines > LINES_MAX}
    assert long.keys() == LONGER.keys(), f"over {LINES_MAX} lines, or no longer: {long}"


def test_who_may_get_none_is_told_when():
    silent = [one.place for one in public_functions() if may_be_none(one.function) and "None" not in one.said]
    assert silent == []


def test_what_a_function_raises_is_named():
    silent = [
        f"{one.place}: {error}"
        for one in public_functions()
        for error in raised(one.function)
        if not any(kind in one.said for kind in kinds_of(error))
    ]
    assert silent == []


def test_what_the_readme_names_is_there():
    told = set(re.findall(r"`([^`\s]+)`?", (CHECKOUT / "README.md").read_text()))
    there = [f"/{path.relative_to(CHECKOUT)}" for path in written(*SOURCES)]
    files = {name.split("::")[0] for name in told if re.search(r"\.(py|java|js|sql)$", name.split("::")[0])}
    files |= {f"{name}.java" for name in told if re.fullmatch(r"\w+Test", name)}
    tests = {name.split("::")[1] for name in told if "::test_" in name} | {name for name in told if re.fullmatch(r"test_\w+", name)}
    sources = "".join(path.read_text() for path in written("tests") if path.suffix == ".py")
    assert len(files) > 30
    assert len(tests) > 10
    assert [name for name in sorted(files) if not any(path.endswith(f"/{name}") for path in there)] == []
    assert [name for name in sorted(tests) if f"def {name}(" not in sources] == []
