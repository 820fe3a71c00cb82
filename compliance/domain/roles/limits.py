"""How far somebody may give: nobody gives a role, through a role or a token, more than they have themselves."""

from compliance.actors import Actor
from compliance.domain.roles.differences import ALL_SOURCES, ANY_PURPOSE
from compliance.domain.roles.values import NOTHING, Reach
from compliance.enums import Category
from compliance.gate import bound_to
from compliance.known_sources import known_sources
from compliance.wording import FORMS, OPERATIONS, category_name

TAKEN = "taken_beyond_own"


def reach_of(actor: Actor) -> Reach:
    """What the actor may do and see."""
    return Reach(actor.operations, actor.forms, bound_to(actor), actor.sources)


def beyond(given: Reach, by: Actor, *, before: Reach = NOTHING) -> list[str]:
    """What would be given, beside what was there before, that `by` has not: in words; nothing when they may give it."""
    own = reach_of(by)
    operations = given.operations - before.operations - own.operations
    found = [words for each, words in OPERATIONS.items() if each in operations]
    for each in Category:
        form = given.forms.of(each)
        if form.openness > max(own.forms.of(each).openness, before.forms.of(each).openness):
            found.append(f"{category_name(each)} {FORMS[form]}")
    return found + _purposes(given, own, before) + _sources(given, own, before)


def taken_beyond(before: Reach, after: Reach, by: Actor) -> dict[str, list[str]]:
    """For the trail: what `by` takes from somebody without having it; empty when there is nothing.

    Whoever manages users or roles may do that, for it only closes. It raises an alarm (`compliance.sealing.unusual`).
    """
    words = beyond(before, by, before=after)
    return {TAKEN: words} if words else {}


def _purposes(given: Reach, own: Reach, before: Reach) -> list[str]:
    """A role without purposes is the widest: nothing that was there before is narrower than it is."""
    if not own.purposes or given.purposes == before.purposes != frozenset():
        return []
    was_any = before != NOTHING and not before.purposes
    if not given.purposes:
        return [] if was_any else [ANY_PURPOSE]
    return (
        []
        if was_any
        else [f"Use data for {each}" for each in sorted(given.purposes - before.purposes - own.purposes)]
    )


def _sources(given: Reach, own: Reach, before: Reach) -> list[str]:
    if own.sources is None or before.sources is None:
        return []
    if given.sources is None:
        return [ALL_SOURCES]
    names = known_sources()
    return [
        f"See the data of {names.get(each, f'source {each}')}"
        for each in sorted(given.sources - before.sources - own.sources)
    ]
