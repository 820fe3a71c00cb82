"""`manage.py reconcile` says with its exit code whether all is balanced."""

import pytest
from django.core.management import CommandError, call_command

from cdp_site.models import Reconciliation
from cdp_site.reconciliation.enums import RunState
from streaming.event_log import close_event_log
from tests.cdp_site.reconciliation.conftest import fresh_event, spooled_on


@pytest.fixture(autouse=True)
def _closed():
    yield
    close_event_log()


def test_balanced(pipeline, capsys):
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    call_command("reconcile")
    assert "balanced: every accepted event" in capsys.readouterr().out


def test_what_it_could_not_compare(pipeline, three, settings, capsys):
    settings.HOST_NAME = "web-1"
    spooled_on("web-2", 12)
    call_command("reconcile")
    said = capsys.readouterr().out
    assert "not compared: 12 events wait in the spool of web-2" in said
    assert "balanced, apart from the spool of web-2: every accepted event" in said
    pipeline.forget(three)
    with pytest.raises(SystemExit):
        call_command("reconcile", "--json")
    assert '"host":"web-2"' in capsys.readouterr().out


def test_not_balanced(pipeline, three, capsys):
    pipeline.forget(three)
    with pytest.raises(SystemExit) as exit_:
        call_command("reconcile", "--json")
    assert exit_.value.code == 1
    assert three in capsys.readouterr().out


def test_not_known(pipeline, settings):
    settings.EVENT_LOG = "kafka://127.0.0.1:1"
    with pytest.raises(CommandError) as failed:
        call_command("reconcile")
    assert failed.value.returncode == 2
    assert Reconciliation.objects.get().state == RunState.FAILED
