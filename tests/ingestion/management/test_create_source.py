"""`manage.py create_source NAME --write-key KEY`."""

import pytest
from django.core.management import CommandError, call_command

from ingestion.models import Source, WriteKey

pytestmark = pytest.mark.django_db


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("create_source", *arguments)
    return capsys.readouterr().out.strip()


def test_the_key_that_was_asked_for(capsys):
    assert run(capsys, "Shop", "--write-key", "SHOPKEY1") == "SHOPKEY1"
    assert run(capsys, "Shop", "--write-key", "SHOPKEY1") == "SHOPKEY1"
    assert WriteKey.objects.get().source == Source.objects.get(name="Shop")


def test_a_key_of_its_own_is_printed(capsys):
    key = run(capsys, "Shop")
    assert WriteKey.objects.get().key == key


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("Shop", "--write-key", "x"), "6 to 64 letters"), (("Taken",), "there is a source 'Taken' already")],
)
def test_what_cannot_be_done_is_said(capsys, arguments, message):
    run(capsys, "Taken", "--write-key", "TAKENKEY1")
    with pytest.raises(CommandError, match=message):
        run(capsys, *arguments)
