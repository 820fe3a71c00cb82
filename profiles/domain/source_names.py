"""Port: the names of sources, which another app keeps. Until one is registered, a source is its number."""

from collections.abc import Callable, Collection, Mapping

Names = Callable[[Collection[int]], Mapping[int, str]]


def _numbers(ids: Collection[int]) -> Mapping[int, str]:
    return {source: f"source {source}" for source in ids}


_names: list[Names] = []


def register_source_names(names: Names) -> None:
    """Have `names` answer; it takes ids and gives the names of those that exist, in one query."""
    _names[:] = [names]


def source_names(ids: Collection[int]) -> Mapping[int, str]:
    """The name of each of these sources; decisions of the staff have source 0."""
    known = _names[0](ids) if _names and ids else {}
    return {**_numbers(ids), 0: "staff", **known}
