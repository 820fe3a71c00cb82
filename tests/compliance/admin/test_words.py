"""The audit trail speaks in sentences: each action that the code records has its words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.admin.words import _ACTIONS, GROUPS
from tests.conftest import ROOT

PACKAGES = ("analytics", "cdp_site", "compliance", "ingestion", "profiles", "segments", "streaming")
RECORDING = re.compile(
    r"record|audit|look$|people_of_rows|_change$"
)  # functions that take an action by place
ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def recorded() -> Iterator[str]:
    """Every action that is named where something is recorded."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            yield from named_in(path)


def named_in(path: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text())):
        if not isinstance(call, ast.Call):
            continue
        function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
        given += call.args if RECORDING.search(function) else []
        texts = [
            each.value
            for value in given
            for each in ast.walk(value)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        yield from filter(ACTION.fullmatch, texts)


ACTIONS = sorted(set(recorded()))


def test_the_code_was_read():
    assert {"person.traits", "connection.create", "identity.merge", "reviews.list", "user.create"} <= set(
        ACTIONS
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_has_words(action):
    assert action in _ACTIONS


@pytest.mark.parametrize("group", GROUPS)
def test_each_filter_finds_actions(group):
    assert any(action.startswith(group) for action in _ACTIONS)
