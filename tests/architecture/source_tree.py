"""The source of our apps as syntax trees, and who uses what in it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("cdp_site", "activation", "analytics", "segments", "profiles", "ingestion", "compliance", "streaming")


@dataclass(frozen=True)
class Module:
    """One file of an app."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        """What a relative name would start from; an `__init__` is its own package."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


@cache
def modules() -> dict[str, Module]:
    """All modules of our apps by name, without migrations."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" in parts:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path, ast.parse(path.read_bytes()))
    return found


def entry_modules() -> Iterator[Module]:
    """Where people and programs come in: screens, API endpoints, commands."""
    for module in modules().values():
        parts = module.name.split(".")
        if {"admin", "api", "management", "home"} & set(parts[1:]) or parts[1:2] == ["demo"]:
            yield module


@cache
def imports(name: str) -> dict[str, str]:
    """The names that a module imports from anywhere in it, each with its full name."""
    found = {}
    for node in ast.walk(modules()[name].tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                found[each.asname or each.name.partition(".")[0]] = (
                    each.name if each.asname else each.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for each in node.names:
                found[each.asname or each.name] = f"{node.module}.{each.name}"
    return found


@cache
def definitions(name: str) -> dict[str, ast.AST]:
    """The functions, classes and values that a module defines at its top."""
    found: dict[str, ast.AST] = {}
    for node in modules()[name].tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for inner in ast.walk(target):
                    if isinstance(inner, ast.Name):
                        found[inner.id] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


@cache
def origin(full_name: str) -> str:
    """Where a full name is defined, through re-exports."""
    for _ in range(10):
        module, _, name = full_name.rpartition(".")
        if module not in modules() or name in definitions(module) or full_name in modules():
            return full_name
        full_name = imports(module).get(name, "")
        if not full_name:
            return f"{module}.{name}"
    raise AssertionError(f"{full_name} is imported in a circle")


@cache
def uses(full_name: str) -> frozenset[str]:
    """The full names of ours that a definition mentions."""
    module, _, name = full_name.rpartition(".")
    if module not in modules() or name not in definitions(module):
        return frozenset()
    known, own = imports(module), definitions(module)
    found = set()
    for node in ast.walk(definitions(module)[name]):
        if isinstance(node, ast.Attribute):
            dotted = _dotted(node)
            if dotted and dotted[0] in known:
                found.add(origin(".".join([known[dotted[0]], *dotted[1:2]])))
        elif isinstance(node, ast.Name):
            if node.id in own:
                found.add(f"{module}.{node.id}")
            elif node.id in known:
                found.add(origin(known[node.id]))
    return frozenset(found - {full_name})


def _dotted(node: ast.AST) -> list[str]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


@cache
def reach(full_name: str) -> frozenset[str]:
    """All that a definition leads to, itself included."""
    seen, waiting = set(), [full_name]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += uses(each)
    return frozenset(seen)


@cache
def texts(full_name: str) -> str:
    """The texts that stand in a definition, such as SQL."""
    module, _, name = full_name.rpartition(".")
    node = definitions(module).get(name) if module in modules() else None
    if node is None:
        return ""
    return "\n".join(
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


def constant(module: str, node: ast.AST | None) -> str | None:
    """The text that an expression is: written there, or a constant of this or another module."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.Name):
        return None
    where = (
        f"{module}.{node.id}" if node.id in definitions(module) else origin(imports(module).get(node.id, ""))
    )
    home, _, name = where.rpartition(".")
    assigned = definitions(home).get(name) if home in modules() else None
    return constant(home, assigned.value) if isinstance(assigned, ast.Assign | ast.AnnAssign) else None
