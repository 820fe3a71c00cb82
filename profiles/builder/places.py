"""Where the events of a batch belong: the anchor of each, and who has it after resolution."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from profiles.builder.anchors import NewAnchor
from profiles.builder.known import KnownAnchor
from profiles.builder.outcome import Resolution
from profiles.builder.person import Person


class Place(NamedTuple):
    """An anchor after resolution. `profile` is the id the world sees; `person` is there when locked.

    `sources` are those of the events that it had before, or was stored with.
    """

    anchor: int
    birth_id: str
    mapping_version: int
    profile: str | None
    person: Person | None
    sources: Collection[int] = ()


def places(known: Mapping[bytes, KnownAnchor], resolution: Resolution) -> dict[bytes, Place]:
    """The places of all anchors of the batch, by key."""
    found = {key: _of_known(anchor, resolution) for key, anchor in known.items()}
    found.update((key, _of_new(anchor)) for key, anchor in resolution.anchors.items())
    return found


def _of_known(anchor: KnownAnchor, resolution: Resolution) -> Place:
    version = resolution.versions.get(anchor.id, anchor.mapping_version)
    if anchor.id in resolution.owners:
        person = resolution.owners[anchor.id]
        public_id = person.public_id if person else None
        return Place(anchor.id, anchor.birth_id, version, public_id, person, anchor.sources)
    if anchor.profile is None:
        return Place(anchor.id, anchor.birth_id, version, None, None, anchor.sources)
    person = resolution.heirs.get(anchor.profile) or resolution.people.get(anchor.profile)
    profile = person.public_id if person else anchor.live_id
    return Place(anchor.id, anchor.birth_id, version, profile, person, anchor.sources)


def _of_new(anchor: NewAnchor) -> Place:
    assert anchor.id is not None
    person, sources = anchor.person, () if anchor.source is None else (anchor.source,)
    return Place(anchor.id, anchor.birth_id, 1, person.public_id if person else None, person, sources)
