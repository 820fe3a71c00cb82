"""A topic that was deleted, created again or cut short stops its reader, which says what resolves it; nothing is reset."""

import pytest
from django.core.management import call_command

from tests.streaming.bad_input.raw_input import TOPIC, RawInput

pytestmark = pytest.mark.fault


def resolve(said: str, option: str) -> None:
    """Run the command that the message names."""
    command = f"consumer_reset profiles --topic {TOPIC}"
    assert f"manage.py {command}" in said
    assert option in said
    call_command(*command.split(), option)


def test_a_reader_stops_and_goes_on_after_the_commands_that_it_names(raw: RawInput):
    raw.append(range(3))
    raw.catch_up()

    raw.delete()
    code, said = raw.consume()
    assert code == 1
    assert f"the topic '{TOPIC}', of which it has read, is gone from the log" in said
    resolve(said, "--forget")
    raw.create()
    raw.append(range(3, 6))
    raw.catch_up()

    raw.delete()
    raw.create()
    raw.append(range(6, 20))
    code, said = raw.consume()
    assert code == 1
    assert "is not the one that it read before (it was deleted and created again" in said
    resolve(said, "--from-start")
    raw.catch_up()

    raw.rows("UPDATE consumer_position SET next_offset = 1000 WHERE topic = %s RETURNING 1", TOPIC)
    code, said = raw.consume()
    assert code == 1
    assert "the topic is shorter than what was read of it" in said
    resolve(said, "--from-end")
    raw.append(range(20, 23))
    raw.catch_up()
    assert raw.applied() == {f"m{number}" for number in range(23)}


def test_an_unknown_consumer_is_one_clear_line(raw: RawInput):
    assert raw.consume("profile")[1].startswith(
        "CommandError: there is no consumer 'profile'; did you mean 'profiles'? Registered are: "
    )
