"""`manage.py dead_letters`: what it does not do, and the one line that says why."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from streaming.models import DeadLetterEdit
from tests.streaming.management.dead_letters.conftest import states


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("list", "--consumer", "countin"), "there is no consumer 'countin'.*did you mean 'counting'"),
        (("groups", "--consumer", "countin"), "there is no consumer 'countin'.*did you mean 'counting'"),
        (("discard", "--all-of", "countin"), "there is no consumer 'countin'.*did you mean 'counting'"),
        (("resubmit", "--all-of", "countin"), "there is no consumer 'countin'.*did you mean 'counting'"),
        (("resubmit", "--all-of", "counting"), "no dead letter of counting is open that this would send back"),
        (("resubmit", "--all-of", "counting", "--rate", "-1"), "should be 0.01 to 10,000 letters a second, not -1"),
        (("resubmit", "1", "--rate", "5"), "--reason and --rate belong to --all-of CONSUMER"),
        (("resubmit", "1", "--reason", "no"), "--reason and --rate belong to --all-of CONSUMER"),
        (("show", "999"), "there is no dead letter 999"),
        (("edit", "999", "--key", "k"), "there is no dead letter 999"),
        (("cancel", "999"), "there is no resubmission 999"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_in_one_line(run, arguments, why):
    with pytest.raises(CommandError, match=why) as caught:
        run(*arguments)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_edited_says_why_in_one_line(run, letters, tmp_path: Path):
    (tmp_path / "same").write_bytes(b"0/0")
    for arguments, why in (
        ((letters[0].pk, "--value", tmp_path / "same"), "nothing was changed"),
        ((letters[0].pk, "--value", tmp_path / "none"), "none cannot be read: No such file or directory"),
        ((letters[2].pk, "--key", "x"), f"dead letter {letters[2].pk} is decided already: it is discarded"),
    ):
        with pytest.raises(CommandError, match=why) as caught:
            run("edit", *arguments)
        assert "\n" not in str(caught.value)
    assert not DeadLetterEdit.objects.exists()


@pytest.mark.parametrize(
    "arguments", [(), ("resubmit",), ("discard",), ("resubmit", "1", "--all-of", "counting"), ("list", "--state", "odd")]
)  # fmt: skip
def test_what_the_command_does_not_understand_decides_nothing(run, letters, arguments, capsys):
    before = states()
    with pytest.raises((SystemExit, CommandError)):
        run(*arguments)
    capsys.readouterr()
    assert states() == before
