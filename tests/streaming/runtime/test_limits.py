"""How many dead letters are too many."""

import pytest

from streaming.runtime.limits import DeadLetterCount, DeadLetterLimit
from streaming.runtime.stopping import ConsumerStopped


def counted(limit: DeadLetterLimit, *transactions: list[bool]) -> int:
    """How many transactions pass before the count stops the consumer."""
    count = DeadLetterCount("c", limit)
    for number, refused in enumerate(transactions):
        try:
            count.check(refused)
        except ConsumerStopped:
            return number
        if any(refused):
            count.add(refused)
        else:
            count.add_successes(len(refused))
    return len(transactions)


@pytest.mark.parametrize(
    ("transactions", "passed"),
    [
        ([[True] * 4], 1),
        ([[True] * 5], 0),
        ([[True] * 3, [True] * 2], 1),
        ([[True] * 3, [False], [True] * 4], 3),
        ([[True] * 3, [False, True], [True] * 3], 3),
        ([[True] * 3, [False, True], [True] * 4], 2),
        ([[False, True, True, True, True, True, False]], 0),
        ([[True] * 4, [True, False, True]], 1),
    ],
)
def test_dead_letters_in_a_row(transactions: list[list[bool]], passed: int):
    assert counted(DeadLetterLimit(in_a_row=5, ratio=1.0), *transactions) == passed


@pytest.mark.parametrize(
    ("transactions", "passed"),
    [
        ([[False] * 90 + [True] * 10], 1),
        ([[False] * 80 + [True] * 20], 0),
        ([[False] * 5 + [True] * 9], 1),  # too few to say
        ([[False] * 1000, [False, True] * 20, [True, False] * 15], 3),
        ([[False, True] * 5, [False] * 1000, [False, True] * 40], 3),  # the first are forgotten
    ],
)
def test_dead_letters_by_ratio(transactions: list[list[bool]], passed: int):
    limit = DeadLetterLimit(in_a_row=10_000, ratio=0.1, window=1000, at_least=10)
    assert counted(limit, *transactions) == passed


def test_the_ratio_before_the_start_counts_until_the_window_has_passed():
    limit = DeadLetterLimit(in_a_row=10_000, ratio=0.1, window=100, at_least=10)
    count = DeadLetterCount("c", limit)
    count.begin_with(0, 100, 10)
    with pytest.raises(ConsumerStopped, match="12 of the last 102 messages"):
        count.check([True, True])
    count.add_successes(100)
    count.check([True, True])


def test_a_run_before_the_start_counts():
    count = DeadLetterCount("c", DeadLetterLimit(in_a_row=5))
    count.begin_with(4)
    with pytest.raises(ConsumerStopped, match="5 messages in a row"):
        count.check([True])
    count.add_successes(1)
    count.check([True])
