"""What happens to people is counted by the minute, whoever does it."""

from django.db.models import Sum

from profiles.enums import EvidenceRule
from profiles.models import BuilderMinute
from tests.profiles.builder.driver import event
from tests.profiles.builder.oracle import decide, node, reconsider


def counted() -> tuple[int, int, int]:
    sums = BuilderMinute.objects.aggregate(Sum("merges"), Sum("splits"), Sum("refused"))
    return sums["merges__sum"], sums["splits__sum"], sums["refused__sum"]


def test_merges_refusals_and_splits_of_events(builder):
    builder.send(event(anonymous_id="a"), event(user_id="u"))
    assert counted() == (0, 0, 0)
    builder.send(event(anonymous_id="a", user_id="u", minutes=1))
    assert counted() == (1, 0, 0)
    builder.send(event(anonymous_id="a", user_id="v", minutes=2))
    assert counted() == (1, 0, 1)
    for minutes, who in enumerate(({"anonymous_id": "b"}, {"user_id": "x"}, {"user_id": "y"}), start=3):
        builder.send(event("identify", minutes=minutes, traits={"email": "family@x.org"}, **who))
    assert counted() == (1, 1, 1)


def test_decisions_are_counted_too(staff):
    staff.send(event(user_id="u"), event(user_id="v"))
    decide(node("user_id", "u"), node("user_id", "v"), EvidenceRule.MERGE)
    reconsider(staff, node("user_id", "u"))
    assert counted() == (1, 0, 0)
