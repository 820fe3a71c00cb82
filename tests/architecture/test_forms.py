"""In which form somebody sees data is decided in one place, and so is which sources they see."""

import ast
from collections.abc import Iterator

from tests.architecture.source_tree import Module, modules

# Who may name a form outside `compliance`; others ask `compliance.access` or a `Mask`, which says what may be shown.
NAME_FORMS = {"profiles.domain.queries.masking": "the mask of documents that name what is masked"}
# Who may look outside `compliance` at what an actor sees.
TOUCH_ACTORS = {
    "profiles.domain.exporting.export": "an export records the categories of whoever takes it",
    "ingestion.domain.people": "keeps answers apart by what they show",
}
SEEN = frozenset({"categories", "hashed", "hidden", "sources", "forms"})
ACTORS = frozenset({"actor", "by", "viewer", "_actor", "seen_by"})


def others() -> Iterator[Module]:
    """All modules but those of `compliance`, where forms are kept and asked for."""
    return (module for module in modules().values() if module.name.partition(".")[0] != "compliance")


def named_forms(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Form"
        and node.attr.isupper()
        for node in ast.walk(tree)
    )


def touched(tree: ast.AST) -> set[str]:
    """What is read of actors: `actor.categories`, `self._actor.hidden`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SEEN:
            of = node.value
            name = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
            if name in ACTORS:
                found.add(f"{name}.{node.attr}")
    return found


def test_forms_are_decided_on_in_one_place():
    assert {module.name for module in others() if named_forms(module.tree)} == set(NAME_FORMS)


def test_what_an_actor_sees_is_asked_for():
    assert {module.name for module in others() if touched(module.tree)} == set(TOUCH_ACTORS)


def test_the_check_sees_what_is_there():
    assert named_forms(ast.parse("if form is Form.CLEAR: pass"))
    assert touched(ast.parse("Category.BEHAVIOUR in self._actor.categories")) == {"_actor.categories"}
    assert touched(ast.parse("by.sources is None")) == {"by.sources"}
