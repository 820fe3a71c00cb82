"""What can never be processed becomes a dead letter with its bytes, its place and a reason; the rest goes on."""

import pytest

from tests.streaming.bad_input.corpus import EVENTS
from tests.streaming.bad_input.raw_input import TOPIC, RawInput, raw  # noqa: F401 -- a fixture

pytestmark = pytest.mark.fault

_LETTERS = (
    'SELECT "offset", partition, key, value, reason FROM dead_letter WHERE topic = %s ORDER BY "offset"'
)


def test_every_bad_record_is_put_aside_with_its_bytes_and_the_event_after_it_is_applied(raw: RawInput):  # noqa: F811
    numbers = range(1, len(EVENTS) + 1)
    raw.append(numbers, EVENTS)
    raw.catch_up()
    letters = raw.rows(_LETTERS, TOPIC)
    assert [row[0] for row in letters] == [2 * place for place in range(len(EVENTS))]
    for poison, (_, partition, key, value, reason) in zip(EVENTS, letters, strict=True):
        assert poison.reason in reason, poison.name
        stood = [None if part is None else bytes(part) for part in (key, value)]
        assert (partition, stood) == (0, [poison.key, poison.value]), poison.name
    assert raw.applied() == {f"m{number}" for number in numbers}
