"""Port: which sources there are, for roles and tokens that are given some of them. Sources belong to another app."""

from collections.abc import Callable, Mapping

Lister = Callable[[], Mapping[int, str]]
_listers: list[Lister] = []


def register_sources(lister: Lister) -> None:
    """Have it say which sources there are: their names by id, in the order of names."""
    _listers[:] = [lister]


def known_sources() -> Mapping[int, str]:
    """The names of all sources by id, in the order of names; none until it is connected."""
    return _listers[0]() if _listers else {}
