"""The tab `Consents` of a person's page, and the lights in its head."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance.access import Actor
from compliance.domain.looking_up import roles_seeing
from compliance.domain.purposes import versions_of
from compliance.enums import Category
from compliance.gate import EVERYTHING, PurposeRule
from profiles.admin.panels import Content, Panel
from profiles.admin.values import listed
from profiles.domain.queries.consent_history import consent_history
from profiles.domain.queries.consent_states import (
    STATEMENTS,
    Consents,
    ConsentState,
    Stance,
    consents_in_full,
)
from profiles.domain.queries.overview import known_person

HISTORY = 20  # lines of a page
_ICONS = {
    Stance.GRANTED: "check_circle",
    Stance.REFUSED: "block",
    Stance.UNKNOWN: "help",
    Stance.HIDDEN: "visibility_off",
}


@dataclass(frozen=True, slots=True)
class Light:
    """A consent as it is shown: with a symbol and a word, never by colour alone."""

    state: ConsentState
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """A purpose on the tab; `rule` is None for one that the installation does not know."""

    light: Light
    rule: PurposeRule | None
    objects: bool
    versions: list[str]


def lights_of(states: Sequence[ConsentState]) -> list[Light]:
    """Lights for the purposes that need consent, and for those of which something was said."""
    return [light_of(each) for each in states if each.is_known and (each.needs_consent or each.decided_by)]


def light_of(state: ConsentState) -> Light:
    """The light of one purpose."""
    return Light(state, _ICONS[state.stance], state.stance.value)


def rows_of(shown: Consents) -> list[Row]:
    """The purposes with what may be done about each."""
    versions = versions_of([each.key for each in shown.states if each.is_known])
    return [
        Row(
            light_of(each),
            rule=shown.rules.get(each.key),
            objects=each.key in shown.said.objected,
            versions=sorted(versions.get(each.key, ())),
        )
        for each in shown.states
    ]


def _read(actor: Actor, profile_id: UUID, cursor: str | None) -> Content:
    found = known_person(actor, profile_id)
    shown = consents_in_full(actor, found.id)
    history = consent_history(actor, found.id, cursor=cursor, limit=HISTORY)
    context = {
        "rows": rows_of(shown),
        "restricted": found.is_restricted,
        "objects_to_all": EVERYTHING in shown.said.objected,
        "history": history.items,
        "purpose_names": {each.key: each.name for each in shown.states},
        "has_more": shown.has_more,
        "lights": lights_of(shown.states),
        "most": STATEMENTS,
        "behaviour_roles": listed(roles_seeing()[Category.BEHAVIOUR]),
    }
    return Content(found, context, history.next)


CONSENTS = Panel("consents", "Consents", 37, "profiles/consents.html", _read, Category.BEHAVIOUR)
