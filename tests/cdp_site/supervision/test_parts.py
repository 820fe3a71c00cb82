"""The parts of supervision that start no process."""

import io

from cdp_site.supervision.backoff import LONGEST_S, WELL_AFTER_S, Backoff
from cdp_site.supervision.output import LONGEST_LINE, Output


def test_each_failure_waits_longer_up_to_a_bound():
    backoff = Backoff()
    delays = [backoff.delay(ran_for=0) for _ in range(12)]
    assert delays[:4] == [0.25, 0.5, 1.0, 2.0]
    assert delays[-1] == LONGEST_S


def test_a_process_that_ran_well_starts_again_soon():
    backoff = Backoff()
    for _ in range(9):
        backoff.delay(ran_for=1)
    assert backoff.delay(ran_for=WELL_AFTER_S) == 0.25


def test_lines_stay_whole_and_carry_the_name():
    stream = io.StringIO()
    output = Output(stream)
    output.feed("web", b"one\ntw")
    output.feed("worker", b"three\n")
    output.feed("web", b"o\n")
    output.feed("web", b"last")
    output.feed("web", b"")
    assert stream.getvalue().splitlines() == [
        "web       | one", "worker    | three", "web       | two", "web       | last",
    ]  # fmt: skip


def test_a_line_without_end_is_cut():
    stream = io.StringIO()
    output = Output(stream)
    output.feed("web", b"x" * (LONGEST_LINE + 1))
    assert len(stream.getvalue()) > LONGEST_LINE


def test_what_is_no_text_does_not_disturb():
    stream = io.StringIO()
    Output(stream).feed("web", b"\xff\xfe\n")
    assert stream.getvalue() == "web       | \ufffd\ufffd\n"
