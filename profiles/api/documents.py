"""The answers of the REST API, from what the queries found; their shapes are in `profiles.api.schemas`."""

from typing import Any

from compliance.access import Pseudonym
from profiles.domain.queries import (
    Change,
    Explanation,
    HeldIdentifier,
    Link,
    Merge,
    Person,
    PersonIdentifier,
    TimelineItem,
)
from profiles.identity.values import plain, since


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
        "hashed": person.hashed,
    }


def _identifier(identifier: PersonIdentifier | HeldIdentifier) -> dict[str, Any]:
    return {
        "namespace": identifier.namespace,
        "value": None if identifier.value is None else plain(identifier.value),
        "since": None if identifier.value is None else since(identifier.value),
        "level": identifier.level,
        "first_seen": identifier.first_seen,
        "masked": identifier.is_masked,
        "form": form_shown(identifier.value),
    }


def form_shown(value: str | None) -> str:
    """In which form a value of an identifier is given: clear, hashed (then it is a pseudonym) or masked (then null)."""
    if value is None:
        return "masked"
    return "hashed" if isinstance(value, Pseudonym) else "clear"


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
        "hashed": item.hashed,
    }


def change(change: Change) -> dict[str, Any]:
    """A merge or a split with the links that led to it."""
    document: dict[str, Any] = {
        "kind": change.kind,
        "source": change.source,
        "target": change.target,
        "at": change.at,
        "cause": change.cause,
        "decided_by": change.decided_by,
        "undone": change.is_undone,
        "sentence": change.sentence,
        "links": [link(each) for each in change.links],
    }
    return (
        document if isinstance(change, Merge) else {**document, "why": change.why, "anchors": change.anchors}
    )


def explanation(found: Explanation) -> dict[str, Any]:
    """What holds a person together."""
    return {
        "id": found.id,
        **{
            kind: [link(each) for each in getattr(found, kind)]
            for kind in ("holding", "refused", "proposed", "apart", "attached", "withdrawn")
        },
        "more": found.is_cut,
    }


def link(link: Link) -> dict[str, Any]:
    """A piece of evidence."""
    return {
        "id": link.id,
        "identifiers": [
            {"namespace": end.namespace, "value": end.value, "form": form_shown(end.value)}
            for end in (link.a, link.b)
        ],
        "rule": link.rule,
        "state": link.state,
        "source": link.source,
        "message_id": link.message_id,
        "at": link.at,
        "reason": link.reason,
        "refusal": link.refusal,
    }
