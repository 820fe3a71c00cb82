from datetime import UTC, datetime, timedelta

import pytest

from streaming.domain.kept_answers import Answer, KeyUsedOtherwise, answer_to, claim, keep, release
from streaming.models import KeptAnswer

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_a_request_is_answered_as_the_first_one_was(db):
    assert claim("token:1", "k", b"merge", now=NOW) is None
    keep("token:1", "k", Answer(200, {"profiles": ["a"], "at": "noon"}))
    assert claim("token:1", "k", b"merge", now=NOW) == (200, {"profiles": ["a"], "at": "noon"})
    assert claim("token:2", "k", b"merge", now=NOW) is None
    with pytest.raises(KeyUsedOtherwise):
        claim("token:1", "k", b"split", now=NOW)


def test_neither_key_nor_request_can_be_read_back(db):
    claim("token:1", "jane@example.com", b"jane@example.com", now=NOW)
    kept = KeptAnswer.objects.get()
    assert b"jane" not in bytes(kept.key) + bytes(kept.request)


def test_answers_are_kept_for_a_day(db):
    for number in range(3):
        claim("token:1", f"k{number}", b"merge", now=NOW)
    later = NOW + timedelta(hours=24, seconds=1)
    assert claim("token:1", "k0", b"another", now=later) is None
    assert [row.at for row in KeptAnswer.objects.all()] == [later]


def test_a_claim_without_an_answer_can_be_gone_on_with_or_given_up(db):
    assert claim("token:1", "k", b"discard", now=NOW) is None
    assert answer_to("token:1", "k", b"discard", now=NOW) is None
    assert claim("token:1", "k", b"discard", now=NOW) is None, "whoever made it died"
    release("token:1", "k")
    assert claim("token:1", "k", b"resubmit", now=NOW) is None
    keep("token:1", "k", Answer(200, {"decided": 1}))
    release("token:1", "k")
    assert answer_to("token:1", "k", b"resubmit", now=NOW) == (200, {"decided": 1})
    assert answer_to("token:1", "k", b"resubmit", now=NOW + timedelta(hours=24, seconds=1)) is None
    with pytest.raises(KeyUsedOtherwise):
        answer_to("token:1", "k", b"discard", now=NOW)
