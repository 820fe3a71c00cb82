"""What is unusual about the looks of a block of the trail, in a few statements for everybody who stands in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from compliance.domain.roles.limits import TAKEN
from compliance.enums import ActorKind
from compliance.models import AccessWatch
from streaming.database import fetch

USUAL_DAYS, KNOWN_AFTER_DAYS = 28, 5
LOOKS = 50_000  # the newest of somebody's looks within an hour that are counted
_SLACK = 1_000_000  # rows of everybody before the first of the block that may be of the same hour

_BLOCK = "sealed_seq > %(seen)s AND sealed_seq <= %(last)s AND actor_kind = ANY(%(kinds)s) AND cardinality(subjects) > 0"
_VIPS = f"""
SELECT actor_kind, actor, count(*), (min(at) AT TIME ZONE %(zone)s)::date FROM compliance_auditentry
WHERE {_BLOCK} AND subjects && %(vips)s::uuid[] GROUP BY actor_kind, actor
"""
_HOURS = f"""
SELECT actor_kind, actor, count(*), day FROM (
    SELECT actor_kind, actor, at AT TIME ZONE %(zone)s AS local, (at AT TIME ZONE %(zone)s)::date AS day
    FROM compliance_auditentry WHERE {_BLOCK} AND (actor_kind = %(staff)s OR %(tokens_keep_hours)s)
) looks
WHERE (%(opens)s::time <= %(closes)s::time AND (local::time < %(opens)s::time OR local::time >= %(closes)s::time))
    OR (%(opens)s::time > %(closes)s::time AND local::time < %(opens)s::time AND local::time >= %(closes)s::time)
    OR (%(weekends)s AND extract(isodow FROM local) > 5)
GROUP BY actor_kind, actor, day
"""
# The whole hours of those who stand in the block, found by the index of who acted from the first row of these hours on.
# The most of an hour is kept for each of their days; those before say what is usual for them.
_VOLUME = f"""
WITH here AS MATERIALIZED (
    SELECT actor_kind, actor, date_trunc('hour', min(at)) AS since, min(id) AS first
    FROM compliance_auditentry WHERE {_BLOCK} GROUP BY actor_kind, actor
), hours AS (
    SELECT here.actor_kind, here.actor, (hour AT TIME ZONE %(zone)s)::date AS day, count(DISTINCT subject) AS people
    FROM here CROSS JOIN LATERAL (
        SELECT date_trunc('hour', e.at) AS hour, e.subjects FROM compliance_auditentry e
        WHERE e.actor = here.actor AND e.id >= here.first - %(slack)s AND e.at >= here.since
            AND e.actor_kind = here.actor_kind AND e.sealed_seq <= %(last)s
        ORDER BY e.id DESC LIMIT %(looks)s
    ) looks CROSS JOIN LATERAL unnest(looks.subjects) AS subject
    GROUP BY here.actor_kind, here.actor, hour
), days AS MATERIALIZED (
    SELECT actor_kind, actor, day, max(people) AS people FROM hours GROUP BY actor_kind, actor, day
), kept AS (
    INSERT INTO compliance_accessday AS known (actor_kind, actor, day, people) SELECT actor_kind, actor, day, people FROM days
    ON CONFLICT (actor_kind, actor, day) DO UPDATE SET people = greatest(known.people, excluded.people)
)
SELECT days.actor_kind, days.actor, days.people, days.day, usual.people,
    coalesce(days.people > CASE days.actor_kind WHEN %(staff)s THEN %(most)s ELSE %(tokens_most)s END, false) AS is_above
FROM days LEFT JOIN LATERAL (
    SELECT avg(former.people)::float AS people FROM compliance_accessday former
    WHERE former.actor_kind = days.actor_kind AND former.actor = days.actor
        AND former.day < days.day AND former.day >= days.day - %(usual_days)s
    HAVING count(*) >= %(known_after)s
) usual ON true
WHERE days.people > CASE days.actor_kind WHEN %(staff)s THEN %(most)s ELSE %(tokens_most)s END
    OR (days.people >= %(usual_from)s AND days.people > %(times_usual)s * usual.people)
"""
_TAKEN = """
SELECT actor_kind, actor, count(*), (min(at) AT TIME ZONE %(zone)s)::date FROM compliance_auditentry
WHERE sealed_seq > %(seen)s AND sealed_seq <= %(last)s AND detail ? %(taken)s GROUP BY actor_kind, actor
"""
_FORGET = "DELETE FROM compliance_accessday WHERE day < (clock_timestamp() AT TIME ZONE %s)::date - %s"


@dataclass(frozen=True, slots=True)
class Unusual:
    """What a member of staff or a program did that is unusual."""

    reason: str
    kind: str
    actor: str
    day: str
    text: str


def unusual_looks(watch: AccessWatch, seen: int, last: int) -> Iterator[Unusual]:
    """What is unusual in these places of the chain; how many people each of them saw that day is kept."""
    values = {**_rules(watch), "seen": seen, "last": last}
    for kind, actor, count, day in fetch(_TAKEN, values):
        text = f"took rights from others that they do not have themselves, {_times(count)}"
        yield Unusual("taken", kind, actor, str(day), text)
    for kind, actor, count, day in fetch(_VIPS, values) if watch.vips else ():
        text = f"saw people of the list of those looked after closely, {_times(count)}"
        yield Unusual("vip", kind, actor, str(day), text)
    if (watch.opens_at and watch.closes_at) or watch.weekends_are_unusual:
        for kind, actor, count, day in fetch(_HOURS, values):
            text = f"looked at people outside the hours of work, {_times(count)}"
            yield Unusual("hours", kind, actor, str(day), text)
    for kind, actor, count, day, usual, is_above in fetch(_VOLUME, values):
        yield _many(kind, actor, count, str(day), usual, is_above=is_above)


def forget_former_days() -> None:
    """Forget days that no longer say what is usual."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [settings.TIME_ZONE, USUAL_DAYS + 7])


def _many(kind: str, actor: str, count: int, day: str, usual: float | None, *, is_above: bool) -> Unusual:
    if is_above or usual is None:
        return Unusual("volume", kind, actor, day, f"saw {count:,} people within an hour")
    text = f"saw {count:,} people within an hour; in the busiest hour of their other days it was {usual:,.0f}"
    return Unusual("usual", kind, actor, day, text)


def _rules(watch: AccessWatch) -> dict[str, Any]:
    return {
        "staff": ActorKind.STAFF.value, "kinds": [ActorKind.STAFF.value, ActorKind.TOKEN.value],
        "zone": settings.TIME_ZONE, "vips": watch.vips, "opens": watch.opens_at, "closes": watch.closes_at,
        "weekends": watch.weekends_are_unusual, "tokens_keep_hours": watch.tokens_keep_hours,
        "most": watch.people_an_hour, "tokens_most": watch.token_people_an_hour, "times_usual": watch.times_usual,
        "usual_from": watch.usual_from, "slack": _SLACK, "looks": LOOKS, "usual_days": USUAL_DAYS,
        "known_after": KNOWN_AFTER_DAYS, "taken": TAKEN,
    }  # fmt: skip


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
