"""`manage.py consumer_retire`: what the page does, from the command line."""

import json
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from compliance.models import AuditEntry
from streaming.domain.flow.retirement import retired_consumers
from streaming.event_log import close_event_log


@pytest.fixture(autouse=True)
def _own_log(fresh_database) -> Iterator[None]:
    yield
    close_event_log()


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, bool]:
    capsys.readouterr()
    call_command("consumer_lag", "--json")
    return {each["consumer"]: each["retired"] for each in json.loads(capsys.readouterr().out)}


def test_consumers_are_retired_shown_as_such_and_count_again(capsys):
    call_command("consumer_retire", "profiles", "social")
    assert "profiles is retired: nothing waits for it any more." in capsys.readouterr().out
    assert retired_consumers() == {"profiles", "social"}
    assert {name for name, retired in listed(capsys).items() if retired} == {"profiles", "social"}
    call_command("consumer_lag")
    [line] = [each for each in capsys.readouterr().out.splitlines() if each.startswith("profiles ")]
    assert line.split()[1] == "Retired"
    call_command("consumer_retire", "profiles", "--undo")
    assert retired_consumers() == {"social"}


def test_each_decision_stands_in_the_audit_trail_once():
    for options in ([], [], ["--undo"], ["--undo"]):
        call_command("consumer_retire", "social", *options)
    trail = AuditEntry.objects.filter(target="consumer social").order_by("pk")
    assert list(trail.values_list("action", flat=True)) == ["consumer.retire", "consumer.keep"]


def test_a_name_that_does_not_exist_retires_nobody():
    with pytest.raises(CommandError, match="there is no consumer 'profile'; did you mean 'profiles'"):
        call_command("consumer_retire", "social", "profile")
    assert retired_consumers() == frozenset()
