"""Keep context by postcode and day, and look it up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.domain.context.reading import DATASETS, BadContext, Row, day_of
from ingestion.models import ContextDay

_STORE = """
    INSERT INTO ingestion_contextday (dataset, country, postcode, day, "values", updated_at)
    SELECT %s, country, postcode, day, content, %s
    FROM unnest(%s::text[], %s::text[], %s::date[], %s::jsonb[]) AS given(country, postcode, day, content)
    ON CONFLICT (dataset, country, postcode, day)
    DO UPDATE SET "values" = excluded."values", updated_at = excluded.updated_at
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to show; None is all."""

    country: str | None = None
    postcode: str | None = None
    first: date | None = None
    last: date | None = None


def store_context(*, dataset: str, rows: Sequence[Row], by: Actor, now: datetime) -> int:
    """Keep these rows in place of those of the same place and day; how many. Repeating it changes nothing."""
    require(by, Operation.SOURCES_MANAGE)
    _check(dataset)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _STORE,
                [
                    dataset, now, [row.country for row in rows], [row.postcode for row in rows],
                    [row.day for row in rows], [orjson.dumps(row.values).decode() for row in rows],
                ],
            )  # fmt: skip
        record_change(by, action="context.store", target=f"context:{dataset}", detail={"rows": len(rows)})
    return len(rows)


def context_days(*, dataset: str, wanted: Wanted, by: Actor) -> QuerySet[ContextDay]:
    """The rows, the newest day first. Raises BadContext, AccessDenied."""
    require(by, Operation.SOURCES_VIEW)
    _check(dataset)
    found = ContextDay.objects.filter(dataset=dataset)
    terms = {
        "country": wanted.country,
        "postcode": wanted.postcode,
        "day__gte": wanted.first,
        "day__lte": wanted.last,
    }
    return found.filter(**{name: value for name, value in terms.items() if value is not None})


class Page(NamedTuple):
    """Some rows, and where the following ones begin."""

    rows: list[ContextDay]
    after: str | None


def page_after(found: QuerySet[ContextDay], cursor: str, size: int) -> Page:
    """The rows after this cursor, the newest day first. Raises BadContext."""
    if cursor:
        day, _, number = cursor.partition(".")
        if not number.isascii() or not number.isdigit() or len(number) > 18:  # noqa: PLR2004 -- what bigint holds
            raise BadContext("cursor should be taken from the `next` of a page")
        at = day_of(day)
        found = found.filter(Q(day__lt=at) | Q(day=at, pk__lt=int(number)))
    rows = list(found.order_by("-day", "-pk")[: size + 1])
    after = f"{rows[size - 1].day}.{rows[size - 1].pk}" if len(rows) > size else None
    return Page(rows[:size], after)


def _check(dataset: str) -> None:
    if dataset not in DATASETS:
        raise BadContext(f"there is no data set {dataset!r}: there are {', '.join(DATASETS)}")
