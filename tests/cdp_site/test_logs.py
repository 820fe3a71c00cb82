"""Log lines: one each, with what helps and nothing of any person."""

import json
import logging
from collections.abc import Callable

import psycopg
import pytest

from cdp_site.logs import PROCESS, line_formatter


@pytest.fixture
def line(monkeypatch) -> Callable[..., str]:
    """Formats what a logger of that name is told."""
    monkeypatch.setenv(PROCESS, "consumers")

    def formatted(
        form: str, message: str, *args: object, error: BaseException | None = None, **extra: object
    ) -> str:
        logger = logging.getLogger("streaming.runtime")
        exc_info = (type(error), error, error.__traceback__) if error else None
        record = logger.makeRecord(
            logger.name, logging.WARNING, "f", 1, message, args, exc_info, extra=extra or None
        )  # fmt: skip
        return line_formatter(form).format(record)

    return formatted


def test_text_has_time_level_name_message_and_what_is_known(line):
    time, rest = line("text", "lag grows", consumer="profiles").split(" ", 1)
    assert time.endswith("Z")
    assert rest == "warning streaming.runtime: lag grows consumer=profiles"


def test_json_says_which_process_it_was(line):
    document = json.loads(line("json", "lag grows", consumer="profiles"))
    assert (document["event"], document["consumer"], document["process"]) == (
        "lag grows",
        "profiles",
        "consumers",
    )


@pytest.mark.parametrize("form", ["text", "json"])
def test_nobody_can_write_a_second_line(line, form):
    assert "\n" not in line(form, "name %s", "x\n2026-01-01 info auth: admin signed in\r\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_values_that_broke_a_rule_of_the_database_are_left_out(line, form):
    error = psycopg.errors.UniqueViolation(
        "duplicate key\nDETAIL:  Key (email)=(jane@example.com) already exists."
    )
    assert "jane" not in line(form, "it failed: %s", error)
    raised = line(form, "it failed", error=error)
    assert "jane" not in raised
    assert "UniqueViolation: duplicate key" in raised


def test_an_exception_tells_its_way_but_no_values(line):
    def inner(email: str) -> None:
        raise ValueError("wrong")

    try:
        inner("jane@example.com")
    except ValueError as error:
        shown = line("text", "broke", error=error)
    assert "ValueError: wrong" in shown
    assert "tests/cdp_site/test_logs.py" in shown
    assert "inner" in shown
    assert "jane" not in shown


def test_what_a_database_or_a_library_quotes_is_left_out(line):
    refused = psycopg.errors.InvalidTextRepresentation('invalid input syntax for type uuid: "Jane Miller"')
    assert line("text", "it failed", error=refused).count("Jane") == 0
    assert "Jane" not in line("text", "it failed", error=KeyError("Jane Miller"))
    assert "Jane" not in line(
        "text", "it failed", error=ValueError("invalid literal for int(): 'Jane Miller'")
    )
    lost = psycopg.OperationalError("connection failed: Connection refused")
    assert "Connection refused" in line("text", "it failed", error=lost)


def test_addresses_and_tokens_are_left_out_wherever_they_stand(line):
    shown = line(
        "text", "550 %s: no such mailbox", "jane.miller+x@mail.example.com", why="hw_abcdefghijklmnop"
    )
    assert shown.endswith("550 …@…: no such mailbox why=hw_…")


def test_a_job_that_failed_is_told_without_its_arguments():
    context = {
        "name": "profiles.tasks.erase",
        "description": "raised unexpected",
        "args": "('jane',)",
        "exc": "jane",
    }
    record = logging.LogRecord(
        "celery.app.trace", logging.ERROR, "f", 1, "Task %(name)s: %(exc)s", (context,), None
    )
    record.data = context
    shown = line_formatter("text").format(record)
    assert "the job profiles.tasks.erase raised unexpected" in shown
    assert "jane" not in shown
