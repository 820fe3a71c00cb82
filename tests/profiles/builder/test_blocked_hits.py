"""How often blocked values come is counted by day."""

from datetime import timedelta

from django.db.models import Sum

from profiles.domain.rules.hits import forget_blocked_hits
from profiles.models import BlockedHit
from tests.profiles.builder.driver import event


def hits() -> dict[tuple[str, str], int]:
    rows = BlockedHit.objects.values_list("namespace__key", "value").annotate(Sum("hits"))
    return {(key, value): count for key, value, count in rows}


def test_blocked_values_are_counted_and_others_are_not(builder):
    builder.send(
        event(anonymous_id="a", user_id="null"), event(anonymous_id="b", user_id="Null"), event(user_id="ann")
    )
    builder.send(event(anonymous_id="a", user_id="null", minutes=1))
    assert hits() == {("user_id", "null"): 2, ("user_id", "Null"): 1}
    assert {row.day for row in BlockedHit.objects.all()} == {builder.now.date()}


def test_what_a_pattern_blocks_is_counted(builder):
    builder.send(event(anonymous_id="0000", user_id="0-0"))
    assert hits() == {("user_id", "0-0"): 1, ("anonymous_id", "0000"): 1}


def test_an_event_that_comes_again_counts_once(builder):
    sent = event(anonymous_id="a", user_id="null")
    builder.send(sent, sent)
    builder.send(sent)
    assert hits() == {("user_id", "null"): 1}


def test_former_months_are_forgotten(builder):
    builder.send(event(anonymous_id="a", user_id="null"))
    forget_blocked_hits(now=builder.now + timedelta(days=30))
    assert hits() == {("user_id", "null"): 1}
    forget_blocked_hits(now=builder.now + timedelta(days=31))
    assert hits() == {}
