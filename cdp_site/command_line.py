"""Runs a command of `manage.py`, with the embedded PostgreSQL around it when it needs a database."""

import contextlib
import gc
import sys
from collections.abc import Sequence

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from cdp_site.env import read_environment
from cdp_site.postgres.binaries import UnusablePostgres
from cdp_site.postgres.keeper import running
from cdp_site.postgres.server import PostgresFailed

WITHOUT_DATABASE = frozenset({
    "", "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages",
    "spectacular", "startapp", "startproject", "version",
})  # fmt: skip


def run(arguments: Sequence[str]) -> None:
    """Run it. What is wrong with the environment or the embedded server is said in one line."""
    try:
        with contextlib.ExitStack() as stack:
            if needs_database(arguments):
                environment = read_environment()
                if environment.database is None:
                    stack.enter_context(running(environment.home, environment.postgres_binaries))
                _load()
            execute_from_command_line(list(arguments))
    except (ImproperlyConfigured, PostgresFailed, UnusablePostgres) as error:
        sys.exit(f"headwater: {error}")


def _load() -> None:
    """Set Django up without looking for garbage: what is loaded stays, and consumers share its memory when they fork."""
    gc.disable()
    try:
        django.setup()
    finally:
        gc.freeze()
        gc.enable()


def needs_database(arguments: Sequence[str]) -> bool:
    """Whether the command that these arguments name works on the database."""
    command = arguments[1] if len(arguments) > 1 else ""
    if command.startswith("-") or {"-h", "--help"}.intersection(arguments[2:]):
        return False
    return command not in WITHOUT_DATABASE
