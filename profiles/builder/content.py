"""Identifiers that stand in the texts of events: notes of a call centre, feedback, tweets, fields of forms."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from compliance.identifiers import normalise, region_of
from compliance.identifiers.finding import Span, addresses, emails, phones
from profiles.enums import ContentUse
from profiles.identity.evidence import Found, Identifier
from profiles.identity.patterns import Patterns
from profiles.identity.rules import NamespaceRule, Rules

# Properties that hold what somebody wrote or said.
TEXTS = (
    "answer", "body", "comment", "comments", "description", "feedback", "message", "note", "notes", "question",
    "remark", "remarks", "review", "subject", "summary", "text", "transcript", "tweet",
)  # fmt: skip
_AS_WRITTEN = frozenset(each for name in TEXTS for each in (name, name.capitalize(), name.upper()))
_FORM = "form"  # in the name of an event: each property is a field that somebody filled in
MAX_TEXT = 10_000  # characters; what stands further behind is not searched
MAX_PLACE = 120  # characters of what says where it stood
_SHORTEST = 5  # characters of a text in which an identifier could stand
_MASK = "•••"

_Search = Callable[[str], Iterable[Span]]


class Hit(NamedTuple):
    """An identifier and where in the text of a property it stands."""

    identifier: Identifier
    property: str
    start: int
    end: int


class ContentFinder:
    """Finds identifiers in texts by the rules of one moment. Immutable; any thread may use it."""

    def __init__(self, rules: Rules) -> None:
        self._searches: list[tuple[_Search, list[NamespaceRule]]] = []
        searched = [rule for rule in rules.namespaces if rule.content is not ContentUse.OFF]
        shared: dict[tuple[str, str], list[NamespaceRule]] = {}
        for rule in searched:
            if rule.content_patterns:
                self._searches.append((_of_patterns(Patterns(rule.content_patterns)), [rule]))
            if (kind := _kind(rule.normaliser)) is not None:
                region = "" if kind == "email" else region_of(rule.normaliser)
                shared.setdefault((kind, region), []).append(rule)
        self._searches += [(_of_kind(*key), namespaces) for key, namespaces in shared.items()]

    def found(self, event: Mapping[str, Any]) -> list[Found]:
        """What stands in the texts of the event, each identifier once."""
        properties = event.get("properties")
        if not properties or not self._searches or not (texts := _texts(event, properties)):
            return []
        found: dict[Identifier, str] = {}
        for hit in self._hits(texts):
            found.setdefault(hit.identifier, f"properties.{hit.property}"[:MAX_PLACE])
        return [Found(identifier, place) for identifier, place in found.items()]

    def without(self, event: Mapping[str, Any], unwanted: Callable[[Identifier], bool]) -> dict[str, Any]:
        """A copy of the event whose texts say `•••` where an unwanted identifier stood."""
        copy: dict[str, Any] = deepcopy(dict(event))
        texts = _texts(copy, copy.get("properties"))
        gone: dict[str, set[tuple[int, int]]] = {}
        for hit in self._hits(texts):
            if unwanted(hit.identifier):
                gone.setdefault(hit.property, set()).add((hit.start, hit.end))
        for name, spans in gone.items():
            copy["properties"][name] = _masked(copy["properties"][name], spans)
        return copy

    def _hits(self, texts: Mapping[str, str]) -> Iterator[Hit]:
        for name, text in texts.items():
            for search, namespaces in self._searches:
                for start, end, value in search(text):
                    for rule in namespaces:
                        if normal := normalise(rule.normaliser, value):
                            yield Hit(Identifier(rule.id, normal), name, start, end)


def _texts(event: Mapping[str, Any], properties: Any) -> dict[str, str]:
    """The texts of an event by the name of the property, as far as they are searched."""
    if properties.__class__ is not dict:
        return {}
    name = event.get("event")
    is_form = name.__class__ is str and _FORM in name.lower()
    if not is_form and _AS_WRITTEN.isdisjoint(properties):
        return {}
    return {
        key: value[:MAX_TEXT]
        for key, value in properties.items()
        if (is_form or key in _AS_WRITTEN) and value.__class__ is str and len(value) >= _SHORTEST
    }


_KINDS = {"email": "email", "phone": "phone", "mobile": "phone", "landline": "phone", "address": "address"}


def _kind(normaliser: str) -> str | None:
    """Which search finds values of this normaliser."""
    return _KINDS.get(normaliser.partition(":")[0])


def _of_kind(kind: str, region: str) -> _Search:
    if kind == "email":
        return emails
    search = phones if kind == "phone" else addresses
    return lambda text: search(text, region)


def _of_patterns(patterns: Patterns) -> _Search:
    return lambda text: (Span(*each) for each in patterns.found(text))


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, kept_to = [], 0
    for start, end in sorted(spans):
        if start >= kept_to:
            parts += [text[kept_to:start], _MASK]
        kept_to = max(kept_to, end)
    return "".join([*parts, text[kept_to:]])
