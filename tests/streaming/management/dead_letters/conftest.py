"""The command, run at a command line of the test's own, and letters for it."""

import io
from collections.abc import Callable

import pytest
from django.core.management import call_command

from streaming.domain import dead_letters
from streaming.models import DeadLetter
from tests.streaming.domain.conftest import log, pipeline  # noqa: F401 -- fixtures
from tests.streaming.domain.resubmissions.conftest import NOW, refuse, returned  # noqa: F401 -- fixtures

Run = Callable[..., str]


@pytest.fixture
def run(pipeline) -> Run:  # noqa: F811
    """Runs the command; returns what it says."""
    del pipeline

    def command(*arguments: object, out: io.StringIO | None = None) -> str:
        out = out or io.StringIO()
        call_command("dead_letters", *map(str, arguments), stdout=out)
        return out.getvalue()

    return command


@pytest.fixture
def letters(run) -> list[DeadLetter]:
    """Three with one reason and one with another, the last two discarded by bob."""
    del run
    made = [refuse(0, offset) for offset in range(3)]
    made.append(refuse(1, 7, topic="numbers.b", reason="too old"))
    dead_letters.discard([made[2].pk, made[3].pk], actor=None, by_name="bob", now=NOW)
    return made


def states() -> list[str]:
    return list(DeadLetter.objects.order_by("id").values_list("state", flat=True))
