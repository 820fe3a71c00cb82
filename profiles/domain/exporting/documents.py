"""How the items of an export are written. Of others than the person there is nothing in them but ids."""

from typing import Any

from profiles.domain.queries.household_rows import Household
from profiles.domain.queries.identifiers import HeldIdentifier
from profiles.domain.queries.links import End, Link
from profiles.domain.queries.merges import Change, Split
from profiles.domain.queries.shown import Person
from profiles.domain.queries.social import Presence
from profiles.domain.queries.timeline import TimelineItem
from profiles.domain.queries.traits import Trait
from profiles.identity.values import plain, since
from profiles.social.combining import COUNTED

Document = dict[str, Any]


def profile(person: Person) -> Document:
    """Who it is."""
    return {
        "id": person.id,
        "name": person.name,
        "lifecycle": person.lifecycle,
        "first_seen": person.first_seen,
        "last_seen": person.last_seen,
    }


def unchanged(item: Any) -> Any:
    """What is written field by field as it is."""
    return item


def held_identifier(item: HeldIdentifier) -> Document:
    """An identifier, and what it does for the person."""
    return {
        "namespace": item.namespace,
        "value": None if item.value is None else plain(item.value),
        "since": None if item.value is None else since(item.value),
        "level": item.level,
        "standing": item.standing,
        "first_seen": item.first_seen,
        "masked": item.is_masked,
    }


def trait(item: Trait) -> Document:
    """A trait that counts, with where it came from."""
    return {
        "key": item.key,
        "value": item.value,
        "category": item.category,
        "at": item.at,
        "message_id": item.message_id,
        "source": item.source,
        "purposes": item.purposes,
        "masked": item.is_masked,
    }


def event(item: TimelineItem) -> Document:
    """An event of the timeline."""
    return {
        "message_id": item.message_id,
        "type": item.type,
        "event": item.event,
        "timestamp": item.timestamp,
        "received_at": item.received_at,
        "source": item.source,
        "import_id": item.import_id,
        "properties": item.properties,
        "context": item.context,
        "traits": item.traits,
        "purposes": list(item.purposes),
        "masked": item.masked,
    }


def presence(item: Presence) -> Document:
    """What the person does on a social network."""
    totals = item.totals
    return {
        "network": item.network,
        "handle": item.handle,
        "followers": item.followers,
        **{name: totals and totals.counts[kind] for kind, name in COUNTED.items()},
        "reach": totals and totals.reach,
        "first_at": item.first_at,
        "last_at": item.last_at,
        "masked": item.masked,
    }


def household(item: Household) -> Document:
    """What the person belongs to, without who else does."""
    return {
        "id": item.id,
        "kind": item.kind,
        "namespace": item.namespace,
        "value": item.value,
        "name": item.name,
        "since": item.since,
        "masked": item.masked,
    }


def link(item: Link) -> Document:
    """A piece of evidence: what of the person was seen beside what."""
    return {
        "ends": [_end(item.a), _end(item.b)],
        "rule": item.rule,
        "state": item.state,
        "source": item.source,
        "import_id": item.import_id,
        "at": item.at,
        "message_id": item.message_id,
        "refusal": item.refusal,
        "withdrawn_at": item.withdrawn_at,
    }


def _end(end: End) -> Document:
    """An end; the value only where it is the person's, for the other one may be somebody else's."""
    return {"namespace": end.namespace, "value": end.value if end.is_own else None, "own": end.is_own}


def change(item: Change) -> Document:
    """A merge or a split."""
    return {
        "kind": item.kind,
        "source": item.source,
        "target": item.target,
        "at": item.at,
        "cause": item.cause,
        "why": item.why if isinstance(item, Split) else "",
        "undone": item.is_undone,
    }
