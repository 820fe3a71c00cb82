"""Rows that are kept through a session of their own: where a test rolls back they would stay, and the tests after it find them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections

_kept_in: set[str] = set()


@pytest.fixture(scope="session", autouse=True)
def _note_what_outlives_rollbacks() -> Iterator[None]:
    """Denials within a transaction outlive its rollback in the audit trail; note in which database."""
    from compliance import audit

    save: Callable[[Mapping[str, Any]], None] = audit._save_elsewhere

    def noted(values: Mapping[str, Any]) -> None:
        save(values)
        _kept_in.add(str(connections["default"].settings_dict["NAME"]))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(audit, "_save_elsewhere", noted)
        yield


def forget_rows() -> None:
    """Remove them from the database in which tests roll back; those that tests have to themselves are dropped."""
    names, server = {name for name in _kept_in if name.startswith("test_")}, settings.DATABASES["default"]
    _kept_in.clear()
    for name in names:
        login = {
            "host": server["HOST"],
            "port": server["PORT"],
            "user": server["USER"],
            "password": server["PASSWORD"],
        }
        with psycopg.connect(dbname=name, autocommit=True, **login) as session:
            session.execute("SET session_replication_role = replica")
            session.execute("DELETE FROM compliance_auditentry")
