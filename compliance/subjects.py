"""Port: which ids a text stands for, for who searches the audit trail. People belong to another app.

Until it is connected, a text stands for itself: an id for the person who had it, who may be erased by now.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from compliance.access import category_of_namespace, masked
from compliance.actors import Actor

Finder = Callable[[Actor, str], Collection[str]]
_finders: list[Finder] = []


def register_subjects(finder: Finder) -> None:
    """Have it answer: all ids of whoever has the text as an id or identifier, as far as the actor may see such data."""
    _finders[:] = [finder]


def subjects_of(actor: Actor, text: str) -> list[str]:
    """What the rows about whoever is meant may be kept under; the text itself first, if it may be asked for.

    An identifier that the actor may not see finds nothing, not even rows that are kept under it alone: whether there are
    any would tell that somebody has it.
    """
    if _is_closed(actor, text):
        return []
    found = _finders[0](actor, text) if _finders else ()
    return list(dict.fromkeys([text, *found]))


def named_in(document: Mapping[str, Any]) -> list[str]:
    """What the audit trail keeps a look under where nobody looked up who the item is about: the identifiers it names."""
    written = {"user_id": ("user_id", "userId"), "anonymous_id": ("anonymous_id", "anonymousId")}
    return [
        f"{namespace}:{value.strip()}"
        for namespace, names in written.items()
        for value in (document.get(name) for name in names)
        if isinstance(value, str) and value.strip()
    ]


def _is_closed(actor: Actor, text: str) -> bool:
    namespace, colon, _ = text.partition(":")
    return bool(colon) and masked(actor, category_of_namespace(namespace))
