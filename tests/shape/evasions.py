"""What would get round a rule: attributes past the type checker, and tasks that nobody owns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.shape.folders import PROGRAM

STARTERS: Final = frozenset({"create_task", "ensure_future", "run_coroutine_threadsafe"})
"""What starts a task, on a loop, in `asyncio` or in a group. Only a group owns what it starts."""

OWNERS: Final = frozenset(
    {
        "core/primitives/tasks.py",
        # The sandbox imports nothing of ours; each of these ends what it has started.
        "sandbox/film/renderer.py",
        "sandbox/gateways/render_worker.py",
        "sandbox/page/server.py",
    }
)


def evasions(root: Path) -> list[str]:
    """Say where something gets round a rule, in the whole program."""
    return [
        f"{file.relative_to(root)}:{line} {problem}"
        for package in PROGRAM
        for file in sorted((root / package).rglob("*.py"))
        for line, problem in _problems(ast.parse(file.read_text()), str(file.relative_to(root)))
    ]


def _problems(tree: ast.Module, file: str) -> Iterator[tuple[int, str]]:
    groups = set(_groups(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and _writes_past_types(node):
            yield node.lineno, "reads or writes attributes past the type checker"
        if file not in OWNERS and _starts_a_task(node, groups):
            yield getattr(node, "lineno", 0), "starts a task without an owner: core/primitives/tasks.py"


def _writes_past_types(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="vars" | "setattr")):
            return True
        case ast.Subscript(value=ast.Attribute(attr="__dict__")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="__dict__"), attr="update" | "get")):
            return True
        case _:
            return False


def _groups(tree: ast.Module) -> Iterator[str]:
    """Give the names of task groups: those that a block opens, and those that a function is given."""
    for node in ast.walk(tree):
        match node:
            case ast.withitem(
                context_expr=ast.Call(func=ast.Attribute(attr="TaskGroup")), optional_vars=ast.Name(id=name)
            ):
                yield name
            case ast.arg(arg=name, annotation=ast.Attribute(attr="TaskGroup")):
                yield name
            case _:
                pass


def _starts_a_task(node: ast.AST, groups: set[str]) -> bool:
    """Whether a task is started by hand, or what starts one is taken by another name."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="create_task") if name in groups:
            return False
        case ast.Attribute(attr=attribute):
            return attribute in STARTERS
        case ast.Call(func=ast.Attribute(value=ast.Name(id="asyncio"), attr="Task")):
            return True
        case ast.ImportFrom(names=names):
            return any(imported.name in STARTERS for imported in names)
        case ast.Constant(value=value):
            return value in STARTERS
        case _:
            return False
