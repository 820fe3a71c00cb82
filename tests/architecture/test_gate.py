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


def test_the_check_sees_what_is_there():
    assert ASKS_THE_GATE in reach("profiles.domain.queries.people.person")
    assert ASKS_THE_GATE not in reach("profiles.domain.queries.counts.people_count")
