"""What holds for the events of one source where they are accepted: purposes, and the plan. Knows no Django."""

from collections.abc import Mapping

from ingestion.domain.plans.checking import CompiledPlan
from streaming.contracts.events import WireEvent

Purposes = list[str]


class SourceRules:
    """The rules of a source. Immutable, so that threads may share it.

    What an event itself says of its purposes holds; else what the catalogue says of the event; else the source's own.
    What the catalogue says of a single key limits that key further.
    """

    __slots__ = ("_of_events", "_of_keys", "_of_source", "_plan")

    def __init__(
        self,
        *,
        purposes: Purposes,
        of_events: Mapping[tuple[str, str], Purposes],
        of_keys: Mapping[str, Mapping[str, Purposes]],
        plan: CompiledPlan | None,
    ) -> None:
        self._of_source, self._of_events, self._of_keys, self._plan = purposes, of_events, of_keys, plan

    def apply(self, event: WireEvent) -> None:
        """Attach the purposes, then check the plan."""
        if (self._of_source or self._of_events) and not event.get("purposes"):
            kind = event["type"]
            name = event["event"] if kind == "track" else kind
            purposes = self._of_events.get((kind, name or "")) or self._of_source
            if purposes:
                event["purposes"] = purposes
        if self._of_keys:
            self._limit_keys(event)
        if self._plan is not None:
            self._plan.check(event)

    def recheck(self, event: WireEvent) -> None:
        """Check an event anew that was accepted before: by the plan that holds now, without what an older one noted."""
        for noted in ("violations", "quarantined", "schema_version"):
            event.pop(noted, None)  # type: ignore[misc]  # each is optional
        if self._plan is not None:
            self._plan.check(event)

    def _limit_keys(self, event: WireEvent) -> None:
        traits, properties = self._of_keys.get("trait", {}), self._of_keys.get("property", {})
        limited = {key: traits[key] for key in event["traits"] if key in traits}
        limited |= {key: properties[key] for key in event["properties"] if key in properties}
        if limited:
            event["key_purposes"] = limited
