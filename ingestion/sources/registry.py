"""The kinds of sources: ours, and those that other installed distributions bring.

An entry point of the group `headwater.sources` names a class without arguments: `crm = my_package.crm:CrmSource`.
"""

from functools import lru_cache
from importlib.metadata import entry_points

from ingestion.sources.contract import SourceKind

ENTRY_POINT_GROUP = "headwater.sources"

_kinds: dict[str, SourceKind] = {}


def register_kind(kind: SourceKind) -> None:
    """Make a kind known. Raises ValueError when another one has its key, or its fields cannot be told apart."""
    names = [field.name for field in (*kind.fields, *kind.stream_fields)]
    if len(names) != len(set(names)) or any(field.is_secret for field in kind.stream_fields):
        raise ValueError(
            f"the fields of {kind.key!r} need names of their own, and those of a stream no secret"
        )
    if _kinds.setdefault(kind.key, kind) is not kind:
        raise ValueError(f"two kinds of sources are registered as {kind.key!r}")


def registered_kinds() -> list[SourceKind]:
    """All of them, by title."""
    _load_brought()
    return sorted(_kinds.values(), key=lambda kind: kind.title)


def kind_named(key: str) -> SourceKind:
    """The kind of this key. Raises LookupError saying that it is not installed."""
    _load_brought()
    try:
        return _kinds[key]
    except KeyError:
        raise LookupError(
            f"the kind of source {key!r} is not installed here: install the package that brings it"
        ) from None


@lru_cache(maxsize=1)
def _load_brought() -> None:
    for each in entry_points(group=ENTRY_POINT_GROUP):
        register_kind(each.load()())
