"""`manage.py dead_letters list|groups|show`: which are found, and what is shown of one to whom."""

from datetime import timedelta

import pytest
from django.core.management import CommandError

from compliance.models import AuditEntry
from streaming.domain import dead_letters, payloads
from tests.streaming.domain.resubmissions.conftest import NOW, refuse


def numbers(listed: str) -> list[int]:
    """The ids at the beginnings of lines."""
    return [int(line.split()[0]) for line in listed.splitlines() if line[:1].isdigit()]


def test_open_ones_are_listed_the_newest_first_with_where_they_stood_and_why(run, letters):
    first, second, *_ = letters
    assert run("list") == (
        f"{second.pk}  counting  numbers.a/0/1  open  no\n{first.pk}  counting  numbers.a/0/0  open  no\n"
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--state", "all"), [3, 2, 1, 0]),
        (("--state", "discarded"), [3, 2]),
        (("--state", "resubmitted"), []),
        (("--state", "all", "--topic", "numbers.b"), [3]),
        (("--state", "all", "--consumer", "counting", "--topic", "numbers.a"), [2, 1, 0]),
    ],
)
def test_a_list_is_of_those_that_are_asked_for(run, letters, options, found):
    assert numbers(run("list", *options)) == [letters[each].pk for each in found]


def test_a_full_page_says_where_the_next_begins(run, letters):
    first = run("list", "--state", "all", "--size", 3)
    assert numbers(first) == [each.pk for each in letters[:0:-1]]
    assert first.splitlines()[-1] == f"More: --before {letters[1].pk}"
    second = run("list", "--state", "all", "--size", 3, "--before", letters[1].pk)
    assert numbers(second) == [letters[0].pk]
    assert "More" not in second
    assert "More" not in run("list", "--state", "all", "--size", 4)


def test_more_than_a_page_can_hold_is_not_left_out_in_silence(run, letters, monkeypatch):
    monkeypatch.setattr(dead_letters, "MAX_PAGE", 3)
    shown = run("list", "--state", "all", "--size", 1000)
    assert shown.splitlines()[-1] == f"More: --before {letters[1].pk}"


def test_groups_are_by_consumer_and_reason_the_largest_first(run, letters):
    refuse(0, 9, consumer="elsewhere", reason="no", created_at=NOW + timedelta(hours=1))
    everything = run("groups", "--state", "all").splitlines()
    span = "2026-11-24T00:00:00+00:00 to 2026-11-24T00:00:00+00:00"
    assert everything[0] == f"        3  counting  no  ({span}; for one: show {letters[2].pk})"
    assert [line.split("  (")[0].split() for line in everything[1:]] == [
        ["1", "elsewhere", "no"], ["1", "counting", "too", "old"],
    ]  # fmt: skip
    (line,) = run("groups", "--consumer", "counting").splitlines()
    assert line.split()[:3] == ["2", "counting", "no"]
    assert run("groups", "--state", "resubmitted") == ""


def test_one_is_shown_with_its_past_and_without_its_bytes(run, letters):
    shown = run("show", letters[2].pk).splitlines()
    assert shown == [
        f"{letters[2].pk}  counting  numbers.a/0/2  discarded  no",
        "appended 2026-11-24T00:00:00+00:00, refused 2026-11-24T00:00:00+00:00, 4 bytes",
        "discarded 2026-11-24T00:00:00+00:00 by bob",
    ]
    again = refuse(0, 5, is_back=True, former=letters[0].pk)
    assert f"was dead letter {letters[0].pk}, was sent back and is refused again" in run("show", again.pk)


def test_bytes_are_shown_as_text_to_who_asks_for_them(run):
    letter = refuse(0, 0, key=None, value=b"caf\xc3\xa9 \xff", headers=[["trace", "YWJj"]])
    assert run("show", letter.pk, "--payload").splitlines()[-3:] == [
        "trace: abc", "key: none", "value: café \\xff",
    ]  # fmt: skip
    assert "caf" not in run("show", letter.pk)


def test_of_a_gigantic_one_the_beginning_is_shown(run):
    shown = run("show", refuse(0, 0, value=b"x" * 1_000_000).pk, "--payload")
    assert shown.count("x") == 4000


def test_bytes_are_refused_to_who_may_not_see_them_and_so_is_editing(run, letters, monkeypatch):
    monkeypatch.setattr(payloads, "_may_open", payloads._nobody_may)
    for arguments in (("show", letters[0].pk, "--payload"), ("edit", letters[0].pk, "--key", "x")):
        with pytest.raises(CommandError, match=f"may not see the payload of dead letter {letters[0].pk}"):
            run(*arguments)


def test_who_looks_and_who_decides_is_kept(run, letters):
    before = AuditEntry.objects.count()
    number = letters[0].pk
    for arguments in (("list",), ("show", number), ("resubmit", number), ("discard", "--all-of", "counting")):
        run(*arguments)
    kept = AuditEntry.objects.order_by("id").values_list("actor", "action")[before:]
    assert set(kept) == {
        ("command line", f"dead_letters.{verb}") for verb in ("list", "show", "edits", "resubmit", "discard")
    }
