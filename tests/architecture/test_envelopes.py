"""Every way in checks events by the rules of their source: who builds an envelope hands them over."""

import ast

from tests.architecture.source_tree import modules

LOOK_ONLY = {"ingestion.imports.preview", "ingestion.sources.preview", "ingestion.domain.webhooks.recent"}
"""They show what would become of items and keep nothing."""
BY_KEEP = {"ingestion.collector.pixel"}
"""They hand their envelope to `collector.collect.keep`, which sets the rules."""


def _builds_envelopes(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Envelope"
        for node in ast.walk(tree)
    )


def _sets_rules(tree: ast.AST) -> bool:
    """With the envelope, or on it afterwards."""
    return any(
        (isinstance(node, ast.keyword) and node.arg == "rules")
        or (isinstance(node, ast.Attribute) and node.attr == "rules" and isinstance(node.ctx, ast.Store))
        for node in ast.walk(tree)
    )


def test_every_way_in_has_the_rules_of_its_source():
    building = {name: module.tree for name, module in modules().items() if _builds_envelopes(module.tree)}
    assert {"ingestion.collector.collect", "ingestion.imports.intake"} <= building.keys()
    assert {name for name, tree in building.items() if not _sets_rules(tree)} <= LOOK_ONLY | BY_KEEP
