"""What holds for the events of one source where they are accepted: purposes, and the plan. Knows no Django."""

from collections.abc import Mapping

from compliance.consent import with_understood
from compliance.key_paths import EACH, shared_name
from compliance.signals import Meanings
from ingestion.domain.plans.checking import CompiledPlan
from ingestion.domain.plans.collecting import CollectedFor
from streaming.contracts.events import WireEvent

Purposes = list[str]


class SourceRules:
    """The rules of a source. Immutable, so that threads may share it.

    What an event itself says of its purposes holds; else what the catalogue says of the event; else the source's own.
    What the catalogue says of a single key limits that key further, whatever else is said of purposes.
    """

    __slots__ = (
        "_collected_for",
        "_meanings",
        "_of_events",
        "_of_properties",
        "_of_source",
        "_of_traits",
        "_plan",
    )

    def __init__(
        self,
        *,
        purposes: Purposes,
        of_events: Mapping[tuple[str, str], Purposes],
        of_keys: Mapping[str, Mapping[str, Purposes]],
        plan: CompiledPlan | None,
        collected_for: CollectedFor | None = None,
        meanings: Meanings | None = None,
    ) -> None:
        self._collected_for, self._meanings = collected_for, meanings
        self._of_source, self._of_events, self._plan = purposes, of_events, plan
        self._of_traits = _by_first_key("traits", of_keys.get("trait", {}))
        self._of_properties = _by_first_key("properties", of_keys.get("property", {}))

    def apply(self, event: WireEvent) -> None:
        """Say what it is collected for, attach the purposes, then check the plan, unless nothing is left of it.

        What its consent signals mean here is read first, for the rest goes by it.
        """
        if self._meanings is not None:
            event["context"] = with_understood(event["context"], self._meanings)
        if self._collected_for is not None:
            self._collected_for.bind(event)
            if "withheld" in event:
                return
        if (self._of_source or self._of_events) and not event.get("purposes"):
            kind = event["type"]
            name = event["event"] if kind == "track" else kind
            purposes = self._of_events.get((kind, name or "")) or self._of_source
            if purposes:
                event["purposes"] = purposes
        if self._of_traits or self._of_properties:
            self._limit_keys(event)
        if self._plan is not None:
            self._plan.check(event)

    def recheck(self, event: WireEvent) -> None:
        """Check an event anew that was accepted before: by the rules that hold now, without what older ones noted."""
        for noted in ("violations", "quarantined", "schema_version", "key_purposes"):
            event.pop(noted, None)  # type: ignore[misc]  # each is optional
        self._limit_keys(event)  # its keys may have other names by now
        if self._plan is not None:
            self._plan.check(event)

    def _limit_keys(self, event: WireEvent) -> None:
        limited: dict[str, Purposes] = {}
        for limits, document in (
            (self._of_traits, event["traits"]),
            (self._of_properties, event["properties"]),
        ):
            if limits:
                for key in limits.keys() & document.keys():
                    limited.update(limits[key])
                if EACH in limits and any(shared_name(key) == EACH for key in document):
                    limited.update(limits[EACH])
        if limited:
            event["key_purposes"] = dict(sorted(limited.items()))


def _by_first_key(field: str, limits: Mapping[str, Purposes]) -> Mapping[str, Mapping[str, Purposes]]:
    """The limits of paths, as events carry them, by the key of the document within which they stand.

    A name may have dots itself, so that each beginning of a path may be that key.
    """
    found: dict[str, dict[str, Purposes]] = {}
    for path, purposes in limits.items():
        ends = [place for place, each in enumerate(path) if each in ".["]
        for end in {*ends, len(path)}:
            found.setdefault(path[:end], {})[f"{field}.{path}"] = purposes
    return found
