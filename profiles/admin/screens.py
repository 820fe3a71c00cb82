"""Which screens there are, where, and for whom."""

from compliance.enums import Operation
from profiles.admin import (
    decisions,
    declaring,
    exporting,
    handovers,
    households,
    parts,
    people,
    person,
    reviews,
    suppressing,
    tabs,
)
from profiles.admin.behaviour import BEHAVIOUR
from profiles.admin.consents import CONSENTS
from profiles.admin.graph import GRAPH, link
from profiles.admin.households import HOUSEHOLDS
from profiles.admin.panels import register_panel
from profiles.admin.rule_screens import RULE_SCREENS
from profiles.admin.sessions import VISITS
from profiles.admin.social import SOCIAL
from streaming.screens import Screen, register_screen

_VIEW, _EVENTS, _AUDIT = Operation.PEOPLE_VIEW.value, Operation.EVENTS_VIEW.value, Operation.AUDIT_VIEW.value
_CONSENTS = Operation.CONSENTS_MANAGE.value
_DECIDE = Operation.IDENTITY_DECIDE.value
_SUPPRESS, _EXPORT = Operation.SUPPRESSIONS_MANAGE.value, Operation.PEOPLE_EXPORT.value
_ONE = "people/<uuid:profile_id>/"

_SCREENS = (
    Screen("people/", "people", people.people, _VIEW, "People", "People", "group", 10),
    Screen("households/", "households", households.listing, _VIEW, "Households", "People", "home", 11),
    Screen("households/<uuid:household_id>/", "household", households.household, _VIEW),
    Screen(_ONE, "person", person.person, _VIEW),
    Screen(_ONE + "timeline/", "person_timeline", parts.timeline, _VIEW),
    Screen(_ONE + "events/<int:event_id>/", "person_event", parts.event, _EVENTS),
    Screen(_ONE + "trait/", "person_trait", parts.trait, _VIEW),
    Screen(_ONE + "identifiers/", "person_identifiers", parts.identifiers, _VIEW),
    Screen(_ONE + "households/", "person_households", parts.households, _VIEW),
    Screen(_ONE + "why/", "person_why", tabs.why, _VIEW),
    Screen(_ONE + "merges/", "person_merges", tabs.merges, _VIEW),
    Screen(_ONE + "tab/<slug:key>/", "person_panel", tabs.panel, _VIEW),
    Screen(_ONE + "graph/links/<int:link_id>/", "person_link", link, _VIEW),
    Screen(_ONE + "unmerge/", "person_unmerge", decisions.unmerge, _DECIDE),
    Screen(_ONE + "handover/", "person_handover", handovers.handover, _DECIDE),
    Screen(
        _ONE + "handover/<int:handover_id>/take-back/", "handover_taken_back", handovers.taken_back, _DECIDE
    ),
    Screen(_ONE + "together/", "person_together", decisions.together, _DECIDE),
    Screen(_ONE + "together/decide/", "person_decide_together", decisions.decide_together, _DECIDE),
    Screen("reviews/", "reviews", reviews.queue, _DECIDE, "Review queue", "People", "fact_check", 12),
    Screen("reviews/<int:review_id>/", "review", reviews.pair, _DECIDE),
    Screen("reviews/<int:review_id>/foreseen/", "review_foreseen", reviews.foreseen, _DECIDE),
    Screen("reviews/<int:review_id>/decide/", "review_decided", reviews.decided, _DECIDE),
    Screen("reviews/<int:review_id>/undo/", "review_undo", reviews.taken_back, _DECIDE),
    Screen(_ONE + "declare/", "person_declare", declaring.declare, _CONSENTS),
    Screen(_ONE + "suppress/", "person_suppress", suppressing.suppress, _SUPPRESS),
    Screen(_ONE + "export/", "person_export", exporting.export, _EXPORT, needs_proof=True),
    Screen(_ONE + "access/", "person_access", tabs.access, _AUDIT),
)


_PANELS = (VISITS, BEHAVIOUR, SOCIAL, HOUSEHOLDS, CONSENTS, GRAPH)


def register_screens() -> None:
    """Make them known."""
    for screen in (*_SCREENS, *RULE_SCREENS):
        register_screen(screen)
    for panel in _PANELS:
        register_panel(panel)
