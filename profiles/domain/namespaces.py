"""The rules of the namespaces, as values, and identifiers as people write them: `namespace:value`."""

from typing import NamedTuple

from compliance.access import category_of_namespace
from compliance.identifiers import normalise
from profiles.identity.rules import COLUMNS, Rules, rule_of
from profiles.models import Namespace


class UnreadableIdentifier(ValueError):
    """The text is no identifier. Never quotes it, because it may be personal data."""


def rules() -> Rules:
    """The rules as the database has them now."""
    rows = Namespace.objects.order_by("priority", "id").values(*COLUMNS)
    return Rules(tuple(rule_of(row) for row in rows))


class WrittenIdentifier(NamedTuple):
    """An identifier that somebody wrote, in the normal form that `normaliser` gives it."""

    namespace: str
    value: str
    normaliser: str


# As this process read them last, so that a look-up need not ask for them; who uses what was written with them
# finds out in the same statement whether they still hold, and calls `forget_normalisers` when not.
_normalisers: dict[str, str] = {}


def forget_normalisers() -> None:
    """Read them again for the next identifier."""
    _normalisers.clear()


def read_identifier(text: str) -> WrittenIdentifier:
    """`namespace:value`, normalised. Raises UnreadableIdentifier."""
    key, separator, value = text.partition(":")
    if not separator or not value.strip():
        raise UnreadableIdentifier("An identifier is written namespace:value, as in user_id:42.")
    if key not in _normalisers:
        _normalisers.update(Namespace.objects.values_list("key", "normaliser"))
    if key not in _normalisers:
        raise UnreadableIdentifier(f"The namespace is none of {', '.join(sorted(_normalisers))}.")
    normal = _normal(_normalisers[key], value)
    if not normal:
        raise UnreadableIdentifier(f"The value cannot be one of the namespace {key}.")
    return WrittenIdentifier(key, normal, _normalisers[key])


def refuse_contact_data(namespace: str, value: str) -> None:
    """Raises UnreadableIdentifier for what must not stand in an address, where logs and caches keep it."""
    if category_of_namespace(namespace).is_sensitive or "@" in value:
        raise UnreadableIdentifier(
            'Contact data must not stand in an address: POST it to profiles/lookup/ as {"identifier": …}.'
        )


def readings(text: str) -> list[tuple[str, int, str]]:
    """What the text may be: (namespace key, its id, normalised value); of one namespace for `namespace:value`."""
    known = list(Namespace.objects.values_list("key", "id", "normaliser"))
    key, _, value = text.partition(":")
    named = [(each, value) for each in known if each[0] == key and value.strip()]
    return [
        (name, row, normal)
        for (name, row, normaliser), written in named or [(each, text) for each in known]
        if (normal := _normal(normaliser, written))
    ]


def _normal(normaliser: str, value: str) -> str | None:
    """The normal form; None for what the database cannot hold, and so nobody has."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return None if "\0" in value else normalise(normaliser, value)
