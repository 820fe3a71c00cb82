"""Which identifiers stand in an event, by the paths of the namespaces."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from compliance.identifiers.places import Places, value_at
from profiles.identity.evidence import Identifier
from profiles.identity.rules import Rules

Normalise = Callable[[str, str], str | None]


class Extractor:
    """Finds the identifiers of events, normalised and without repetition. Immutable; any thread may use it."""

    def __init__(self, rules: Rules, normalise: Normalise) -> None:
        self._normalise = normalise
        self._places = Places(
            (path, (rule.id, rule.normaliser)) for rule in rules.namespaces for path in rule.paths
        )
        self._verified = {
            rule.id: [tuple(path.split(".")) for path in rule.verified_paths]
            for rule in rules.namespaces
            if rule.verified_paths
        }

    def identifiers(self, event: Mapping[str, Any]) -> list[Identifier]:
        """The identifiers in the event, each once; the traits of a group call are not the person's."""
        found: dict[Identifier, None] = {}
        for (namespace, normaliser), text in self._places.values(event):
            if normal := self._normalise(normaliser, text):
                found[Identifier(namespace, normal)] = None
        return list(found)

    def verified(self, event: Mapping[str, Any], found: Iterable[Identifier]) -> list[Identifier]:
        """Which of the identifiers found in it the event calls verified."""
        return [
            each
            for each in found
            if any(value_at(event, path) is True for path in self._verified.get(each.namespace, ()))
        ]

    def identifier(self, namespace: int, normaliser: str, text: str) -> Identifier | None:
        """One value as an identifier, or None when it identifies nobody."""
        normal = self._normalise(normaliser, text)
        return Identifier(namespace, normal) if normal else None

    def without(self, event: Mapping[str, Any], unwanted: Callable[[Identifier], bool]) -> dict[str, Any]:
        """A copy of the event without the values that are unwanted identifiers."""

        def is_unwanted(place: tuple[int, str], text: str) -> bool:
            found = self.identifier(*place, text)
            return found is not None and unwanted(found)

        return self._places.without(event, is_unwanted)
