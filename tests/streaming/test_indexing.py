"""Indexes of big tables: made beside those who write, however long it takes, and again after an interruption."""

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ModelState, ProjectState

from streaming.indexing import AddIndex, for_as_long_as_it_takes

ADD = AddIndex("note", models.Index(fields=["text"], name="note_by_text"))


class _Migration(migrations.Migration):
    atomic = False
    operations = for_as_long_as_it_takes(ADD)


@pytest.fixture
def state() -> ProjectState:
    found = ProjectState()
    fields: dict[str, models.Field[Any, Any]] = {
        "id": models.BigAutoField(primary_key=True),
        "text": models.TextField(),
    }
    found.add_model(ModelState("streaming", "Note", fields, {"indexes": []}))
    return found


def _statements(state: ProjectState, *, backwards: bool = False) -> list[str]:
    migration = _Migration("0001", "streaming")
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        (migration.unapply if backwards else migration.apply)(state, editor)
    return [line for line in editor.collected_sql if not line.startswith("--")]


@pytest.mark.django_db(transaction=True)
def test_what_an_interruption_left_goes_first(state: ProjectState) -> None:
    _, left, made, _ = _statements(state)
    assert left == "DROP INDEX CONCURRENTLY IF EXISTS note_by_text;"
    assert made.startswith('CREATE INDEX CONCURRENTLY "note_by_text"')


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("backwards", [False, True])
def test_it_takes_as_long_as_it_takes_and_limits_hold_again(state: ProjectState, backwards: bool) -> None:
    statements = _statements(state, backwards=backwards)
    assert statements[0] == "SET statement_timeout = 0; SET lock_timeout = 0;"
    assert statements[-1] == "RESET statement_timeout; RESET lock_timeout;"
