"""Visits, behaviour and social records of an anchor that are of the new holder: they are made anew from events.

Who makes them reads the events again, which are published with the anchor that they belong to now.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from profiles.behaviour import storing as behaviour
from profiles.behaviour.publishing import Announcement as Behaviour
from profiles.builder import binary
from profiles.combining.version import next_version
from profiles.sessions import rows as visits
from profiles.sessions.publishing import Announcement as Visits
from profiles.social import storing as social
from profiles.social.account import Account, Item, Known, Totals
from profiles.social.actions import Subject
from profiles.social.combining import RECORD_TYPE, record_id, records_of
from streaming.contracts.combined import SOCIAL_TOPIC, combined_record, withdrawn
from streaming.contracts.profiles import time_text
from streaming.contracts.records import NewRecord

Connection = psycopg.Connection[Any]

_VISITS = f"SELECT {visits.FIELDS} FROM profiles_session s WHERE s.anchor_id = %s AND s.last_at >= %s"
_FORGET_VISITS = "DELETE FROM profiles_session WHERE anchor_id = %s AND last_at >= %s"
_BEHAVIOUR = (
    f"SELECT {behaviour.FIELDS} FROM profiles_behaviour_visit v WHERE v.anchor = %s AND v.last_at >= %s"
)
_ACCOUNTS = """
SELECT anchor::text, network FROM profiles_social_account WHERE anchor = %(birth)s AND EXISTS (
    SELECT FROM profiles_social_item i
    WHERE i.anchor = %(birth)s AND i.network = profiles_social_account.network AND i.at >= %(since)s
)
"""
_FORGET_ITEMS = "DELETE FROM profiles_social_item WHERE anchor = %(birth)s AND at >= %(since)s"
_ITEMS = "SELECT anchor::text, network, subject, target FROM profiles_social_item WHERE anchor = %(birth)s"
_FORGET_ACCOUNTS = "DELETE FROM profiles_social_account WHERE anchor = %s AND network = ANY(%s)"


_STRAY = """
SELECT a.id FROM profiles_anchor a WHERE a.id = ANY(%(anchors)s)
    AND NOT EXISTS (SELECT FROM profiles_daily_counter c WHERE c.anchor_id = a.id AND c.day >= %(day)s)
    AND (
        EXISTS (SELECT FROM profiles_session s WHERE s.anchor_id = a.id AND s.last_at >= %(since)s)
        OR EXISTS (
            SELECT FROM profiles_behaviour_visit v WHERE v.anchor = a.birth_id AND v.last_at >= %(since)s
        )
        OR EXISTS (SELECT FROM profiles_social_item i WHERE i.anchor = a.birth_id AND i.at >= %(moment)s)
    )
ORDER BY a.id
"""


@dataclass(slots=True)
class Forgotten:
    """What is told of records that are no more, and from when on the former holder's events are to be read again."""

    again_from: datetime
    records: list[NewRecord] = field(default_factory=list)


def forget(connection: Connection, anchor: int, birth: UUID, since: datetime, now: datetime) -> Forgotten:
    """Delete what was made of events of this anchor since then; what reaches over that moment goes as a whole."""
    at = time_text(now)
    records, firsts = _forget_visits(connection, anchor, birth, since, at)
    told, more = _forget_behaviour(connection, birth, since, at)
    records += [*told, *_forget_social(connection, birth, since, at)]
    return Forgotten(min([since, *map(binary.as_time, [*firsts, *more])]), records)


def strays(connection: Connection, anchors: Collection[int], since: datetime) -> list[int]:
    """Which of these anchors have records since that midnight, although they have no events since then."""
    given = {
        "anchors": sorted(anchors), "day": since.date(), "since": since, "moment": binary.microseconds(since),
    }  # fmt: skip
    return [row for (row,) in connection.execute(_STRAY, given)]


def _forget_visits(
    connection: Connection, anchor: int, birth: UUID, since: datetime, at: str
) -> tuple[list[NewRecord], list[int]]:
    """What to tell, and when those visits began that are gone."""
    if not visits.lock_anchors(connection, [str(birth)]):
        return [], []
    gone = visits.stored(visits.plain_cursor(connection).execute(_VISITS, (anchor, since)))
    if not gone:
        return [], []
    connection.execute(_FORGET_VISITS, (anchor, since))
    told = Visits(next_version(connection), at)
    return [told.withdrawal(str(birth), each.id, []) for each in gone], [each.visit.first for each in gone]


def _forget_behaviour(
    connection: Connection, birth: UUID, since: datetime, at: str
) -> tuple[list[NewRecord], list[int]]:
    behaviour.lock_anchors(connection, {str(birth)})
    gone = behaviour.stored_visits(connection.execute(_BEHAVIOUR, (birth, since), binary=True))
    if not gone:
        return [], []
    behaviour.delete(connection, [(each.anchor, each.id) for each in gone])
    told = Behaviour(next_version(connection), at)
    return [told.withdrawal(each, []) for each in gone if each.is_shown], [each.first_at for each in gone]


def _forget_social(connection: Connection, birth: UUID, since: datetime, at: str) -> list[NewRecord]:
    moment = binary.microseconds(since)
    given = {"birth": birth, "since": moment}
    keys = [(anchor, network) for anchor, network in connection.execute(_ACCOUNTS, given)]
    if not keys:
        return []
    accounts = social.lock_accounts(connection, keys)
    connection.execute(_FORGET_ITEMS, given)
    left = [
        (anchor, network, Subject(subject), target.bytes)
        for anchor, network, subject, target in connection.execute(_ITEMS, given)
    ]
    items = social.read_items(connection, left)
    kept = [account for account in accounts.values() if _count_again(account, items, moment)]
    social.keep_accounts(connection, kept)
    gone = [account for account in accounts.values() if account not in kept]
    connection.execute(_FORGET_ACCOUNTS, (birth, [account.network for account in gone]))
    records = records_of(connection, kept, at) if kept else []
    version = next_version(connection)
    for account in gone:
        said = withdrawn(
            RECORD_TYPE, record_id(account), account.anchor, version=version, at=at, superseded_by=[]
        )
        records.append(combined_record(SOCIAL_TOPIC, said))
    return records


def _count_again(account: Account, items: Mapping[social.ItemKey, Item], since: int) -> bool:
    """Have the account be what its items say that are left; whether there are any."""
    mine = [item for key, item in items.items() if key[:2] == (account.anchor, account.network)]
    if not mine:
        return False
    times = [item.moment.time for item in mine]
    former = account.totals
    account.totals = Totals(min(times), max(times), purposes=former.purposes if former else frozenset())
    for item in mine:
        account.totals.count(item, 1)
    account.handle, account.followers = _before(account.handle, since), _before(account.followers, since)
    return True


def _before(known: Known | None, since: int) -> Known | None:
    return known if known is not None and known.moment.time < since else None
