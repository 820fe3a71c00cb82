"""Which identifiers stand in an event, by the paths of the namespaces."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from profiles.identity.evidence import Identifier
from profiles.identity.rules import Rules

Normalise = Callable[[str, str], str | None]

MAX_LENGTH = 512  # characters; what is longer identifies nobody


class Extractor:
    """Finds the identifiers of events, normalised and without repetition. Immutable; any thread may use it."""

    def __init__(self, rules: Rules, normalise: Normalise) -> None:
        self._normalise = normalise
        self._fields: list[tuple[str, int, str]] = []
        self._nested: dict[str, dict[tuple[str, ...], list[tuple[str, int, str]]]] = {}
        self._paths: list[tuple[list[str], int, str]] = []
        for rule in rules.namespaces:
            for path in rule.paths:
                self._plan(path.split("."), rule.id, rule.normaliser)

    def _plan(self, path: list[str], namespace: int, normaliser: str) -> None:
        *parents, name = path
        self._paths.append((path, namespace, normaliser))
        entry = (name, namespace, normaliser)
        if not parents:
            self._fields.append(entry)
            return
        self._nested.setdefault(parents[0], {}).setdefault(tuple(parents[1:]), []).append(entry)

    def identifiers(self, event: Mapping[str, Any]) -> list[Identifier]:
        """The identifiers in the event, each once; the traits of a group call are not the person's."""
        found: dict[Identifier, None] = {}
        for name, namespace, normaliser in self._fields:
            if (value := event.get(name)) is not None:
                self._take(value, namespace, normaliser, found)
        for root, plan in self._nested.items():
            document = event.get(root)
            if (
                not document
                or document.__class__ is not dict
                or (root == "traits" and event["type"] == "group")
            ):
                continue
            for parents, entries in plan.items():
                inner: Any = document
                for parent in parents:
                    inner = inner.get(parent)
                    if inner.__class__ is not dict:
                        break
                else:
                    for name, namespace, normaliser in entries:
                        if (value := inner.get(name)) is not None:
                            self._take(value, namespace, normaliser, found)
        return list(found)

    def identifier(self, namespace: int, normaliser: str, value: Any) -> Identifier | None:
        """One value as an identifier, or None when it identifies nobody."""
        found: dict[Identifier, None] = {}
        self._take(value, namespace, normaliser, found)
        return next(iter(found), None)

    def without(self, event: Mapping[str, Any], unwanted: Callable[[Identifier], bool]) -> dict[str, Any]:
        """A copy of the event without the values that are unwanted identifiers."""
        copy: dict[str, Any] = deepcopy(dict(event))
        for (*parents, name), namespace, normaliser in self._paths:
            document: Any = copy
            for parent in parents:
                document = document.get(parent) if document.__class__ is dict else None
            if document.__class__ is not dict:
                continue
            found = self.identifier(namespace, normaliser, document.get(name))
            if found and unwanted(found):
                document[name] = None
        return copy

    def _take(self, value: Any, namespace: int, normaliser: str, found: dict[Identifier, None]) -> None:
        if value is None or value.__class__ in _NOT_IDENTIFIERS:
            return
        text = value if value.__class__ is str else str(value)
        if len(text) <= MAX_LENGTH and (normal := self._normalise(normaliser, text)):
            found[Identifier(namespace, normal)] = None


_NOT_IDENTIFIERS = frozenset({bool, dict, list, float})
