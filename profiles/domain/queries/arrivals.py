"""Who is behind events that just arrived, by the ids that the events carry."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from compliance.access import Actor, category_of_trait, masked, require
from compliance.audit import record_read
from compliance.enums import Operation
from compliance.gate import gate_of
from compliance.identifiers import normalise
from compliance.sources import sees_all_sources
from profiles.domain.names import name_of
from profiles.domain.namespaces import rules
from profiles.domain.queries.of_sources import known_to
from profiles.domain.queries.permission import usable
from profiles.identity.epochs import Epochs
from profiles.identity.evidence import Identifier as Written
from profiles.identity.rules import Rules
from profiles.models import Handover, Identifier


class ArrivedIds(NamedTuple):
    """The ids that an event carries; None where it has none. `at` is the event's own time; None stands for now."""

    user_id: str | None
    anonymous_id: str | None
    at: datetime | None = None


class Behind(NamedTuple):
    """The person behind an event: the live id, and a name as far as the actor may see one."""

    id: UUID
    name: str


def people_behind(actor: Actor, arrived: Collection[ArrivedIds]) -> Mapping[ArrivedIds, Behind]:
    """Who is behind each of these, by what is known now; those whose ids nobody has yet are absent.

    Of an id that was given to another person it is whoever had it at the time of the event. Three queries. Raises
    AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    wanted, rows = _held(arrived)
    may_name = sees_all_sources(actor) and not masked(actor, category_of_trait("name"))
    may_know = known_to(actor, {row.profile_id for row in rows if row.profile_id is not None})
    known = {
        (row.namespace_id, row.value): Behind(
            row.profile.public_id, name_of(row.profile.traits) if may_name else ""
        )
        for row in rows
        if row.profile is not None and row.profile_id in may_know
    }
    found = {ids: known[key] for ids, key in wanted.items() if key in known}
    if found:
        record_read(
            actor, action="people.behind_events", subjects={each.id for each in found.values()},
            categories=[category_of_trait("name")] if may_name else [],
        )  # fmt: skip
    return found


def usable_behind(actor: Actor, arrived: Collection[ArrivedIds]) -> set[ArrivedIds]:
    """Those whose people are known by now, and may be used for what the actor is bound to. Tells nobody who they are.

    Four queries. Raises nothing: what may not be used is not there.
    """
    wanted, rows = _held(arrived)
    known = {(row.namespace_id, row.value): row.profile_id for row in rows if row.profile_id is not None}
    may = usable(gate_of(actor), known_to(actor, set(known.values())))
    return {ids for ids, key in wanted.items() if known.get(key) in may}


def _held(arrived: Collection[ArrivedIds]) -> tuple[Mapping[ArrivedIds, Written], QuerySet[Identifier]]:
    """What each of these is called by, and the rows of those that somebody has."""
    now = rules()
    wanted = _at_their_time({ids: key for ids in arrived if (key := _identifier(ids, now))})
    rows = Identifier.objects.filter(
        namespace_id__in={namespace for namespace, _ in wanted.values()},
        value__in={value for _, value in wanted.values()},
        profile__isnull=False,
    )
    return wanted, rows.select_related("profile")


def _at_their_time(carried: Mapping[ArrivedIds, Written]) -> Mapping[ArrivedIds, Written]:
    """What the identifiers are called for whoever had them when the events happened."""
    given = Handover.objects.filter(
        namespace_id__in={each.namespace for each in carried.values()},
        value__in={each.value for each in carried.values()},
        taken_back_at__isnull=True,
    )
    epochs, now = Epochs(given.values_list("namespace_id", "value", "day")), timezone.now()
    return {ids: epochs.at(each, ids.at or now) for ids, each in carried.items()}


def _identifier(ids: ArrivedIds, now: Rules) -> Written | None:
    """The identifier that the event's facts live with: its user id if that is usable, else its anonymous id."""
    for key, value in (("user_id", ids.user_id), ("anonymous_id", ids.anonymous_id)):
        rule = now.by_key[key]
        normal = normalise(rule.normaliser, value) if value else None
        if normal and not rule.blocks(normal):
            return Written(rule.id, normal)
    return None
