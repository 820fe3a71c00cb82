"""What follows from a visit, as it is stored and as the world hears of it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from profiles.behaviour.annoyances import SECOND, Annoyance, annoyances
from profiles.behaviour.features import features
from profiles.behaviour.storing import Row
from profiles.behaviour.visits import Visit
from profiles.combining.times import text_at
from streaming.contracts.combined import BEHAVIOUR_TOPIC, combined_record, stated, withdrawn
from streaming.contracts.profiles import Version
from streaming.contracts.records import NewRecord

RECORD_TYPE = "behaviour.v1"
MOST_ANNOYANCES = 50  # that are told of one visit, the earliest; the features count all
_SILENT = [""]


def conclusions(visit: Visit) -> tuple[bytes | None, bytes | None]:
    """Features and annoyances of a visit as JSON; None for both when nothing was done that behaviour is about."""
    if not visit.is_shown:
        return None, None
    annoyed = annoyances(visit.facts)
    told = [_told(each) for each in annoyed[:MOST_ANNOYANCES]]
    return orjson.dumps(asdict(features(visit.facts, annoyed))), orjson.dumps(told)


def _told(annoyance: Annoyance) -> dict[str, Any]:
    return {
        "kind": annoyance.kind.value,
        "at": text_at(annoyance.at),
        "what": annoyance.what or None,
        "page": annoyance.page or None,
        "times": annoyance.times,
        "seconds": round(annoyance.lasted / SECOND, 1),
    }


class Announcement:
    """Makes the records of one transaction; all have one version and one time."""

    def __init__(self, version: Version, at: str) -> None:
        self._version, self._at = version, at

    def of(self, row: Row) -> NewRecord:
        """The record that says how a visit went, so far."""
        visit = row.visit
        value: dict[str, Any] = {
            "source_id": visit.source_id,
            "started_at": text_at(visit.first_at),
            "last_at": text_at(visit.last_at),
            "features": orjson.Fragment(row.features or b"null"),
            "annoyances": orjson.Fragment(row.annoyances or b"null"),
        }
        if visit.key:
            value["session_id"] = visit.key
        if visit.is_cut:
            value["is_cut"] = True
        if visit.purposes != _SILENT:
            value["purposes"] = visit.purposes
        said = stated(
            RECORD_TYPE, str(visit.id), visit.anchor, version=self._version, at=self._at, value=value
        )
        return combined_record(BEHAVIOUR_TOPIC, said)

    def withdrawal(self, visit: Visit, instead: Sequence[Visit]) -> NewRecord:
        """The record that says that a visit is not, and which are in its place."""
        ids = [str(each.id) for each in instead]
        said = withdrawn(
            RECORD_TYPE, str(visit.id), visit.anchor, version=self._version, at=self._at, superseded_by=ids
        )
        return combined_record(BEHAVIOUR_TOPIC, said)
