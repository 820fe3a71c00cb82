"""What a topic should be like unless somebody declared otherwise: the defaults of its kind.

A port: apps that make topics which no consumer of the registry publishes register their kinds.
"""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

from streaming.contracts.records import TopicSpec
from streaming.registry import registered_consumers
from streaming.runtime.discovery import RETRY_PREFIX, needed_topics

DefaultOf = Callable[[str], TopicSpec]
_kinds: dict[str, DefaultOf] = {}


def register_topic_kind(pattern: str, default_of: DefaultOf) -> None:
    """Make known what topics of an fnmatch pattern are like; of several that match, the first registered holds."""
    _kinds[pattern] = default_of


def defaults(names: Iterable[str]) -> Mapping[str, TopicSpec]:
    """The defaults of these topics, without those of no known kind."""
    published = {
        spec.name: spec for factory in registered_consumers().values() for spec in needed_topics(factory())
    }
    found = {}
    for name in names:
        if default := published.get(name) or _of_kind(name):
            found[name] = default
    return found


def _of_kind(name: str) -> TopicSpec | None:
    return next((make(name) for pattern, make in _kinds.items() if fnmatchcase(name, pattern)), None)


def why_partitions_are_fixed(name: str) -> str | None:
    """Why a topic cannot have more partitions, whoever wants it; None where it can."""
    if name.startswith(RETRY_PREFIX):
        return "dead letters are sent back through its one partition, so that they keep their order"
    return None
