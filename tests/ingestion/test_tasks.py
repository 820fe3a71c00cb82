"""Background jobs of imports."""

import pytest

from ingestion import tasks
from ingestion.imports import lease
from ingestion.models import FileImport
from streaming.contracts.log import LogUnavailable
from tests.ingestion.imports.conftest import imports, make_file  # noqa: F401 -- fixtures


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    """The imports that a worker is told of."""
    told: list[int] = []
    monkeypatch.setattr(tasks.run_import, "delay", lambda *, import_id: told.append(import_id))
    monkeypatch.setattr(tasks.run_import, "apply_async", lambda kwargs, **_: told.append(kwargs["import_id"]))
    return told


def test_an_import_that_has_to_wait_is_left_to_the_next_look(imports, make_file, queued, monkeypatch):  # noqa: F811
    started = imports.start(make_file("user_id\n1\n"))
    FileImport.objects.update(uploaded=True)

    class Away:
        def __getattr__(self, name):
            return getattr(imports.log, name)

        def submit(self, _records):
            raise LogUnavailable("away")

    monkeypatch.setattr(tasks, "event_log", Away)
    tasks.run_import(import_id=started.pk)
    assert queued == [], "each look would add a chain of tasks"
    tasks.resume_imports()
    assert queued == lease.without_runner() == [started.pk]
