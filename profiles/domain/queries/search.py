"""Finding people by an id, by an identifier in any namespace, or by parts of a name."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from compliance.access import Actor, category_of_namespace, category_of_trait, masked, require
from compliance.enums import Operation
from profiles.domain.namespaces import readings
from profiles.domain.queries.of_sources import Listed, listed
from profiles.domain.queries.paging import Cursor, Page, bounded, read_cursor
from profiles.domain.queries.people import admitted_people
from profiles.domain.queries.permission import Admission, usable_page
from profiles.domain.queries.shown import Person
from profiles.models import Anchor, Handover, Identifier
from streaming.database import Row

MIN_PART = 3  # letters: the index of names knows no shorter part
MAX_TEXT = 320  # characters; the longest e-mail address
PATIENCE = "4s"
_LISTING = "profiles.search"

_NAMED = """
SELECT n.profile_id FROM profiles_profilename n
WHERE {parts} AND n.profile_id {comparison} %(last)s {{known}} ORDER BY n.profile_id {direction} LIMIT %(most)s
"""


class TooBroad(ValueError):
    """So many names contain the text that the search was given up."""


def search(actor: Actor, text: str, *, cursor: str | None = None, limit: int = 50) -> Page[Person]:
    """People whom the text finds: who has it as an id or identifier first, then those whose names contain it.

    `namespace:value` looks in that namespace only. What the actor may not see cannot be searched either, so
    that a search never tells it. An empty text finds nobody. Raises InvalidCursor, TooBroad, AccessDenied.
    """
    require(actor, Operation.PEOPLE_SEARCH)
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    text = " ".join(text.split())[:MAX_TEXT]
    admission = Admission(actor)
    found = exact(admission, text) if text and not start else []
    page, beside = usable_page(admission, start, limit, _LISTING, _names(actor, text, start), beside=found)
    rows = list(dict.fromkeys([*(row for row in found if row in beside), *page.items]))
    detail = {"exact": len(found), "by_name": len(page.items)}
    return Page(admitted_people(admission, rows, "people.search", detail), page.next, page.previous)


def exact(admission: Admission, text: str) -> list[int]:
    """The rows of whoever has the text as an id or identifier, as far as the actor may see such data."""
    return list(dict.fromkeys([*_holder_of(text), *_owners(admission, text)]))


def _holder_of(text: str) -> list[int]:
    try:
        birth_id = UUID(text)
    except ValueError:
        return []
    held = Anchor.objects.filter(birth_id=birth_id, profile_id__isnull=False)
    return [row for row in held.values_list("profile_id", flat=True) if row is not None]


def _owners(admission: Admission, text: str) -> list[int]:
    """Who has the text as an identifier, in one query: the value may read differently in each namespace."""
    wanted = {
        (namespace, value)
        for key, namespace, value in readings(text)
        if not masked(admission.actor, category_of_namespace(key))
    }
    wanted |= _given_on(wanted)
    rows = Identifier.objects.filter(
        namespace_id__in={namespace for namespace, _ in wanted},
        value__in={value for _, value in wanted},
        profile_id__isnull=False,
    ).order_by("namespace__priority", "id")
    found = [
        (identity, row)
        for identity, namespace, value, row in rows.values_list("id", "namespace_id", "value", "profile_id")
        if (namespace, value) in wanted and row is not None
    ]
    told = admission.told({row for _, row in found})
    return [row for identity, row in found if told is None or identity in told.ids]


def _given_on(wanted: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """What these values are called for those to whom they were given later."""
    later = Handover.objects.filter(value__in={value for _, value in wanted}, taken_back_at__isnull=True)
    return {
        (namespace, label)
        for namespace, value, label in later.values_list("namespace_id", "value", "label")
        if (namespace, value) in wanted
    }


def _names(actor: Actor, text: str, start: Cursor | None) -> Callable[[int | None, int], Listed]:
    """Reads who has such a name, so many behind a row in the cursor's direction."""
    parts = text.lower().split()
    if not any(len(part) >= MIN_PART for part in parts) or masked(actor, category_of_trait("name")):
        return lambda _last, _most: Listed([], are_known=True)
    backwards = start is not None and start.backwards
    query = _NAMED.format(
        parts=" AND ".join(f"n.name LIKE %(part{place})s" for place in range(len(parts))),
        comparison="<" if backwards else ">",
        direction="DESC" if backwards else "ASC",
    )
    wanted = {f"part{place}": f"%{_literally(part)}%" for place, part in enumerate(parts)}
    return lambda last, most: listed(
        actor, query, {**wanted, "last": last or 0, "most": most}, person="n.profile_id", run=_patiently
    )


def _literally(part: str) -> str:
    return part.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _patiently(query: str, parameters: Mapping[str, Any]) -> list[Row]:
    """All rows; gives up after PATIENCE."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'")
            cursor.execute(query, parameters)
            return list(cursor.fetchall())
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise TooBroad("Too many names contain this; search for more of the name.") from error
