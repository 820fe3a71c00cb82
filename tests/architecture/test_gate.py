"""Whatever shows people to whoever may be bound to a purpose asks the gate: whether they may be used for it now."""

from tests.architecture.source_tree import entry_modules, reach
from tests.architecture.test_reads import touched, used_by

ASKS_THE_GATE = "profiles.domain.queries.permission.usable"
# What holds people, or facts of them, under their ids.
OF_PEOPLE = {
    "profiles_profile", "profiles_anchor", "profiles_timeline", "profiles_trait_version", "profiles_identifier",
    "profiles_consent", "profiles_session", "profiles_social_item", "profiles_behaviour_visit", "profiles_daily_counter",
}  # fmt: skip
# What reaches people without asking for what they may be used: each with the reason.
NO_USE = {
    "cdp_site.reconciliation.jobs.perform": "counts that nothing was lost",
    "profiles.domain.decisions.foreseeing.foresee_merge": "shows staff what a decision would do, not a use of the two",
    "profiles.domain.decisions.merging.keep_apart": "decides who somebody is, which holds whatever they are used for",
    "profiles.domain.decisions.merging.merge": "as keep_apart",
    "profiles.domain.decisions.reviewing.decide": "as keep_apart",
    "profiles.domain.decisions.reviewing.undo": "as keep_apart",
    "profiles.domain.decisions.splitting.split_off": "as keep_apart",
    "profiles.domain.decisions.unmerging.withdraw": "as keep_apart",
    "profiles.domain.declaring.declare": "keeps what people say, above all when they may not be used",
    "profiles.domain.declaring.declare_all": "as declare",
    "profiles.domain.handovers.deciding.hand_over": "as keep_apart",
    "profiles.domain.handovers.deciding.take_back": "as keep_apart",
    "profiles.domain.queries.consent_history.consent_history": "proves what people said, above all when they may not be used",
    "profiles.domain.queries.consent_states.consent_states": "as consent_history",
    "profiles.domain.queries.consent_states.consents_in_full": "as consent_history",
    "profiles.domain.queries.consents.consents": "as consent_history",
    "profiles.domain.queries.counts.people_count": "a number",
    "profiles.domain.queries.household.household": "what several people share, and how many they are",
    "profiles.domain.queries.households.households": "as household",
    "profiles.domain.rules.blocking.block_proposed": "rules",
    "profiles.domain.rules.blocking.keep_proposed": "rules",
    "profiles.domain.rules.blocking.propose_unblocking": "rules",
    "profiles.domain.rules.editing.propose_change": "rules",
    "profiles.domain.rules.editing.renew_change": "rules",
    "profiles.domain.suppressing.suppress_person": "has nothing more be stored of them",
    "profiles.tasks.apply_rule_change": "rules",
    "profiles.tasks.measure_rule_change": "rules",
    "profiles.tasks.recompute_clusters": "decides who is who, by the clock",
}


# What holds events that arrived, each with what it says of somebody.
OF_EVENTS = {"ingestion_liveevent", "ingestion_quarantined", "ingestion_rejection"}
ASKS_OF_EVENTS = "ingestion.domain.queries.permitted.permitted"
# What leads to them and shows nothing of what they say: each with the reason.
TELLS_NO_EVENT = {
    "cdp_site.reconciliation.jobs.perform": "counts that nothing was lost",
    "ingestion.domain.plans.listing.plan_rows": "numbers by source",
    "ingestion.domain.plans.listing.violations": "which rules were broken how often",
    "ingestion.domain.plans.trying.try_plan": "how many events break which rule",
    "ingestion.domain.quarantine.deciding.cancel_resend": "decides what is stored, and shows nothing",
    "ingestion.domain.quarantine.deciding.discard": "as cancel_resend",
    "ingestion.domain.quarantine.deciding.start_resend": "as cancel_resend",
    "ingestion.domain.quarantine.groups.group_of": "for which reason an event waits; its preview shows it",
    "ingestion.domain.quarantine.groups.groups": "numbers by event and reason",
    "ingestion.domain.quarantine.waiting.waiting_sources": "numbers by source",
    "ingestion.domain.queries.live.arrived_at": "a time",
    "ingestion.domain.queries.rejections.rejection_reasons": "numbers by reason",
    "ingestion.domain.reach.require_source": "of which source something is",
    "ingestion.domain.traces.tracing.trace": "keeps to messages of people whom the tracer of profiles found usable",
    "ingestion.tasks.run_resend": "sends on what somebody decided about",
}


def ungated_events() -> dict[str, str]:
    """What entry points use that leads to arriving events without asking what they may be used for."""
    return {
        each: module.name
        for module in entry_modules()
        for each in used_by(module)
        if touched(each) & OF_EVENTS and ASKS_OF_EVENTS not in reach(each)
    }


def ungated() -> dict[str, str]:
    """What entry points use that leads to people without asking the gate, and who uses it."""
    return {
        each: module.name
        for module in entry_modules()
        for each in used_by(module)
        if touched(each) & OF_PEOPLE and ASKS_THE_GATE not in reach(each)
    }


def test_what_shows_people_asks_whether_they_may_be_used():
    found = ungated()
    assert {name: where for name, where in found.items() if name not in NO_USE} == {}
    assert set(NO_USE) <= set(found), "these exceptions are no longer needed"


def test_what_shows_arriving_events_asks_what_they_may_be_used_for():
    found = ungated_events()
    assert {name: where for name, where in found.items() if name not in TELLS_NO_EVENT} == {}
    assert set(TELLS_NO_EVENT) <= set(found), "these exceptions are no longer needed"


def test_the_check_sees_what_is_there():
    assert ASKS_THE_GATE in reach("profiles.domain.queries.people.person")
    assert ASKS_THE_GATE not in reach("profiles.domain.queries.counts.people_count")
    assert ASKS_OF_EVENTS in reach("ingestion.domain.queries.opening.open_event")
    assert ASKS_OF_EVENTS not in reach("ingestion.domain.queries.live.arrived_at")
