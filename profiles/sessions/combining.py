"""A batch of events becomes visits: stored, and told to the world."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from profiles.sessions.course import Course, Settled, Withdrawn
from profiles.sessions.publishing import Announcement, said
from profiles.sessions.reading import Reading
from profiles.sessions.rows import Stored
from profiles.sessions.storing import Row
from profiles.sessions.tables import Tables
from streaming.contracts.profiles import time_text
from streaming.contracts.records import NewRecord

DEFAULT_TIMEOUT = timedelta(minutes=30)
_ONE = timedelta(microseconds=1)


def combine(
    tables: Tables, found: Reading, timeouts: Mapping[int, timedelta], now: datetime
) -> list[NewRecord]:
    """Apply the points of a batch; returns what is to be published.

    `timeouts` are those of sources that have their own.
    """
    courses = _courses(tables, found, timeouts)
    _load(tables, courses)
    unsure = [course for course in courses if not course.apply()]
    if unsure:
        _recount(tables, unsure)
    changes = [
        (course, settled := list(course.settled()), list(course.withdrawn(settled))) for course in courses
    ]
    _store(tables, changes)
    return _records(tables, changes, now)


Changes = Sequence[tuple[Course, list[Settled], list[Withdrawn]]]


def _courses(tables: Tables, found: Reading, timeouts: Mapping[int, timedelta]) -> list[Course]:
    """In order of anchor; all are locked."""
    origins = found.points.keys() | found.keyed.keys()
    anchors = tables.lock({origin.anchor for origin in origins}) if origins else {}
    courses = []
    for origin in origins:
        if (anchor := anchors.get(origin.anchor)) is not None:
            course = Course(origin, anchor, timeouts.get(origin.source, DEFAULT_TIMEOUT) // _ONE)
            course.points = list(found.points.get(origin, ()))
            course.keyed = found.keyed.get(origin, {})
            courses.append(course)
    courses.sort(key=lambda course: (course.anchor, course.origin.source))
    return courses


def _load(tables: Tables, courses: Sequence[Course]) -> None:
    spans = [span for course in courses if (span := course.reach())]
    names = [name for course in courses for name in course.names()]
    known = _by_place([*tables.in_reach(spans), *tables.named(names)])
    for course in courses:
        course.load(known.get((course.anchor, course.origin.source), ()))


def _by_place(stored: Iterable[Stored]) -> Mapping[tuple[int, int], list[Stored]]:
    places: dict[tuple[int, int], list[Stored]] = defaultdict(list)
    for each in stored:
        places[each.anchor, each.source].append(each)
    return places


def _recount(tables: Tables, courses: Sequence[Course]) -> None:
    """Make visits anew of the timeline's events, and their neighbours with them."""
    around = _by_place(tables.in_reach([span for course in courses if (span := course.surroundings())]))
    for course in courses:
        course.reload(around.get((course.anchor, course.origin.source), ()))
    events = tables.events([course.span() for course in courses])
    for course, each in zip(courses, events, strict=True):
        course.recount(each)


def _store(tables: Tables, changes: Changes) -> None:
    gone = [(each.stored.anchor, each.stored.id) for _, _, withdrawn in changes for each in withdrawn]
    renewed: list[Row] = []
    new: list[Row] = []
    for course, settled, _ in changes:
        for id_, visit, stored, due in settled:
            (new if stored is None else renewed).append(
                Row(course.anchor, id_, course.origin.source, visit, due)
            )
    tables.delete(gone)
    tables.update(renewed)
    tables.insert(new)


def _records(tables: Tables, changes: Changes, now: datetime) -> list[NewRecord]:
    told = [(course, each) for course, settled, _ in changes for each in settled if _is_news(each)]
    gone = [(course, each) for course, _, withdrawn in changes for each in withdrawn]
    if not told and not gone:
        return []
    announcement = Announcement(tables.version(), time_text(now))
    return [
        *(
            announcement.withdrawal(course.origin.anchor, each.stored.id, each.instead)
            for course, each in gone
        ),
        *(
            announcement.of(*course.origin, each.id, each.visit, is_ended=each.is_ended)
            for course, each in told
        ),
    ]


def _is_news(settled: Settled) -> bool:
    if (stored := settled.stored) is None:
        return True
    before = said(stored.before(), is_ended=stored.due is None)
    return before != said(settled.visit, is_ended=settled.is_ended)
