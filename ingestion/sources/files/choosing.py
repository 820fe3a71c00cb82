"""Which files are read next, in which order."""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ingestion.sources.files.memory import Memory
from ingestion.sources.files.names import Names
from ingestion.sources.files.options import Options
from ingestion.sources.files.places import FoundFile, Place
from ingestion.sources.files.records import shown_name
from ingestion.sources.files.walking import Walk

MOST_AT_ONCE = 1000


@dataclass(slots=True)
class Chosen:
    """Files to read, oldest first, the one first that was begun; those that wait, and how many came too late.

    `shut` are folders that could not be looked into, with the reasons.
    """

    files: list[FoundFile] = field(default_factory=list)
    waiting: Names = field(default_factory=Names)
    still_failed: list[str] = field(default_factory=list)
    shut: dict[str, str] = field(default_factory=dict)
    late: int = 0
    more: bool = False


def choose(
    place: Place,
    options: Options,
    memory: Memory,
    left_out: Collection[str],
    now: float,
    *,
    takes_again: bool,
) -> Chosen:
    """Look through the place, but for some files by name. Of any number of files only the next ones are kept.

    With `takes_again` files that were read are chosen too: read ones are moved away, so these were put there again.
    """
    chosen, older, news = Chosen(), 0, []
    gone = memory.expected()
    for file in _found(place, options, memory, chosen):
        gone.discard(file.name)
        older += memory.is_meant(file) and memory.is_older(file)
        if file.name in left_out or not (memory.is_news(file) or (takes_again and memory.is_done(file))):
            continue
        if options.grows or memory.is_settled(file, options.settle_s, now):
            news.append(file)
            if len(news) > 2 * MOST_AT_ONCE:
                news, chosen.more = heapq.nsmallest(MOST_AT_ONCE, news, key=_order), True
        else:
            memory.hold(file.name)
            chosen.waiting.add(shown_name(file.name))
    if not chosen.shut:
        memory.are_gone(gone)
    changed = {file.name for file in news}
    chosen.still_failed = [name for name in memory.failed if name not in changed]
    chosen.late = memory.count_older(older)
    begun = memory.progress.file.name if memory.progress else ""
    news.sort(key=_order)
    chosen.more |= len(news) > MOST_AT_ONCE
    chosen.files = sorted(news[:MOST_AT_ONCE], key=lambda file: file.name != begun)
    return chosen


def meant_files(place: Place, options: Options, memory: Memory) -> Iterator[FoundFile]:
    """The files of the time that is read, read before or not."""
    return (file for file in _found(place, options, memory, Chosen()) if memory.is_meant(file))


def _found(place: Place, options: Options, memory: Memory, chosen: Chosen) -> Iterator[FoundFile]:
    """All that match; when they are read again, also those that were moved away once they were read."""
    patterns = [options.pattern]
    if memory.is_backfill and options.moves:
        patterns.append(options.pattern.moved)
    for pattern in patterns:
        walk = Walk(pattern)
        yield from place.files(walk)
        chosen.shut |= walk.shut


def _order(file: FoundFile) -> tuple[int, str]:
    return file.order
