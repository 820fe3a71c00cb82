"""The answers of the REST API, from what the queries found; their shapes are in `profiles.api.schemas`."""

from typing import Any

from profiles.domain.queries import (
    Explanation,
    HeldIdentifier,
    Link,
    Merge,
    Person,
    PersonIdentifier,
    TimelineItem,
)


def profile(person: Person) -> dict[str, Any]:
    """A profile. Segments and scores are computed by other parts, and empty where those are not installed."""
    return {
        "id": person.id,
        "name": person.name,
        "traits": person.traits,
        "identifiers": [_identifier(each) for each in person.identifiers],
        "identifier_count": person.identifier_count,
        "segments": [],
        "scores": {},
        "lifecycle": person.lifecycle,
        "first_seen": person.first_seen,
        "last_seen": person.last_seen,
        "masked": person.masked,
    }


def _identifier(identifier: PersonIdentifier | HeldIdentifier) -> dict[str, Any]:
    return {
        "namespace": identifier.namespace,
        "value": identifier.value,
        "level": identifier.level,
        "first_seen": identifier.first_seen,
        "masked": identifier.is_masked,
    }


def held_identifier(identifier: HeldIdentifier) -> dict[str, Any]:
    """An identifier of the whole list."""
    return {**_identifier(identifier), "standing": identifier.standing}


def event(item: TimelineItem) -> dict[str, Any]:
    """An event of the timeline."""
    return {
        "message_id": item.message_id,
        "type": item.type,
        "event": item.event,
        "timestamp": item.timestamp,
        "received_at": item.received_at,
        "properties": item.properties,
        "context": item.context,
        "traits": item.traits,
        "source": item.source,
        "source_id": item.source_id,
        "masked": item.masked,
    }


def merge(merge: Merge) -> dict[str, Any]:
    """A merge with the links that led to it."""
    return {
        "source": merge.source,
        "target": merge.target,
        "at": merge.at,
        "undone": merge.is_undone,
        "sentence": merge.sentence,
        "links": [_link(each) for each in merge.links],
    }


def explanation(found: Explanation) -> dict[str, Any]:
    """What holds a person together."""
    return {
        "id": found.id,
        "holding": [_link(each) for each in found.holding],
        "refused": [_link(each) for each in found.refused],
        "attached": [_link(each) for each in found.attached],
        "more": found.is_cut,
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "identifiers": [{"namespace": end.namespace, "value": end.value} for end in (link.a, link.b)],
        "rule": link.rule,
        "state": link.state,
        "source": link.source,
        "message_id": link.message_id,
        "at": link.at,
        "reason": link.reason,
        "refusal": link.refusal,
    }
