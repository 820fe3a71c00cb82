"""Whoever is erased is taken out of quarantine too, by every identifier, and nobody else is."""

from datetime import timedelta
from typing import Any

from compliance import suppression
from compliance.erasers import Identifier, erase_everywhere, registered_erasers
from ingestion.domain.quarantine import erasing
from ingestion.domain.quarantine.deciding import KEPT_DECIDED, forget_old, start_resend
from ingestion.domain.quarantine.telling import tell
from ingestion.models import PlanViolation, Quarantined, Resend
from tests.ingestion.domain.quarantine.conftest import BY, NOW
from tests.ingestion.domain.quarantine.test_quarantine import CAST, in_log, run

JANE = [
    Identifier("user_id", "jane"),
    Identifier("email", "jane@example.com"),
    Identifier("anonymous_id", "tablet"),
]


def bring_in(quarantine):
    of_jane: list[dict[str, Any]] = [
        {"messageId": "by-id", "userId": "jane"},
        {"messageId": "by-email", "anonymousId": "x", "context": {"traits": {"email": "Jane@Example.com "}}},
        {"messageId": "by-device", "anonymousId": "tablet"},
    ]  # fmt: skip
    of_others = [
        {"messageId": "bob", "userId": "bob", "anonymousId": "tablet"},
        {"messageId": "ann", "userId": "ann"},
    ]
    items = [{**each, "properties": {"total": "1"}} for each in (*of_jane, *of_others)]
    quarantine.hold(*quarantine.records(*items))


def left():
    return sorted(Quarantined.objects.exclude(value="").values_list("message_id", flat=True))


def test_every_event_that_names_somebody_is_emptied_and_nobody_elses(quarantine, monkeypatch):
    monkeypatch.setattr(erasing, "_AT_ONCE", 2)
    bring_in(quarantine)
    PlanViolation.objects.update(message_id="by-id")
    assert "ingestion_quarantined" in registered_erasers()
    assert erase_everywhere(JANE, now=NOW)["ingestion_quarantined"] == 3
    assert left() == ["ann", "bob"]
    gone = Quarantined.objects.filter(value="")
    assert set(gone.values_list("state", "name", "message_id", "decided_by")) == {
        ("suppressed", "", "", "erasure")
    }
    assert PlanViolation.objects.get().message_id == ""
    assert erase_everywhere(JANE, now=NOW)["ingestion_quarantined"] == 0


def test_what_a_job_is_about_to_send_on_is_taken_out_too(quarantine):
    bring_in(quarantine)
    job = start_resend(quarantine.group(), CAST, by=BY, now=NOW)
    erase_everywhere(JANE, now=NOW)
    run(job)
    assert sorted(each["message_id"] for each in in_log(quarantine)) == ["ann", "bob"]
    done = Resend.objects.get()
    assert (done.state, done.sent, done.suppressed, done.asked) == ("done", 2, 3, 5)


def test_of_what_was_on_its_way_when_somebody_was_suppressed_nothing_is_kept(quarantine):
    suppression.suppress("user_id", "jane", by=BY, now=NOW)
    bring_in(quarantine)
    assert left() == ["ann", "bob", "by-device", "by-email"]
    [gone] = Quarantined.objects.filter(value="")
    assert (gone.state, gone.name, gone.message_id, gone.decided_by, gone.decided_at) == (
        "suppressed", "", "", "suppression", NOW,
    )  # fmt: skip
    assert PlanViolation.objects.get().events == 4
    forget_old(now=NOW + KEPT_DECIDED + timedelta(days=1))
    assert not Quarantined.objects.filter(value="").exists()


def test_what_was_stored_before_somebody_was_suppressed_stays_until_it_is_erased(quarantine):
    bring_in(quarantine)
    suppression.suppress("user_id", "jane", by=BY, now=NOW)
    tell(now=NOW + timedelta(minutes=1))
    assert len(left()) == 5
