"""What a trace tells of an event in quarantine."""

from compliance.access import Actor
from compliance.enums import Operation
from ingestion.domain.quarantine.deciding import discard
from ingestion.domain.traces import Outcome, Stage, trace
from tests.ingestion.domain.quarantine.conftest import BY, NOW

WATCHER = Actor(BY.kind, "watcher", frozenset({Operation.EVENTS_VIEW, Operation.SOURCES_VIEW}), frozenset())


def told(quarantine):
    (found,) = trace(WATCHER, "m", log=quarantine.log)
    assert found.notes == [], "the log never had it"
    aside = [step.sentence for step in found.steps if step.stage in (Stage.CHECKED, Stage.PUT_ASIDE)]
    return found.outcome, found.source, aside


def test_it_says_which_rule_kept_it_out_and_what_was_decided(quarantine):
    quarantine.hold(*quarantine.records({"messageId": "m", "userId": "u", "properties": {"total": "secret"}}))
    kept_out = "Its source's tracking plan kept it out: `total` should be a number."
    assert told(quarantine) == (Outcome.QUARANTINED, "Shop", [kept_out])
    discard(quarantine.group(), by=BY, now=NOW)
    assert told(quarantine) == (Outcome.QUARANTINED, "Shop", [kept_out, "It was discarded."])
