"""Accounts and items in PostgreSQL: four statements for a batch, whatever is in it."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
import psycopg

from profiles.builder import binary
from profiles.moments import Moment
from profiles.social.account import Account, Item, Known, Totals
from profiles.social.actions import Kind, Subject

Connection = psycopg.Connection[Any]
AccountKey = tuple[str, str]  # anchor and network
ItemKey = tuple[str, str, Subject, bytes]  # anchor, network and target

# Who was erased, or stands for nobody, has no anchor to keep anything of.
_MAKE = """
INSERT INTO profiles_social_account (anchor, network)
SELECT given.anchor, given.network FROM unnest(%s, %s) AS given (anchor, network)
JOIN profiles_anchor a ON a.birth_id = given.anchor AND a.home_id IS NOT NULL
ORDER BY 1, 2 ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT a.anchor::text, a.network, a.handle::text, a.followers::text, a.totals::text
FROM unnest(%s, %s) AS given (anchor, network) JOIN profiles_social_account a USING (anchor, network)
ORDER BY a.anchor, a.network FOR UPDATE OF a
"""
_ITEMS = """
SELECT i.anchor::text, i.network, i.subject, i.target, i.at, i.message, i.kind, i.sentiment, i.reach
FROM unnest(%s, %s, %s, %s) AS given (anchor, network, subject, target)
JOIN profiles_social_item i USING (anchor, network, subject, target)
"""
_KEEP_ITEMS = """
INSERT INTO profiles_social_item (anchor, network, subject, target, at, message, kind, sentiment, reach)
SELECT * FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s::smallint[], %s)
ON CONFLICT (anchor, network, subject, target) DO UPDATE SET at = excluded.at, message = excluded.message,
    kind = excluded.kind, sentiment = excluded.sentiment, reach = excluded.reach
"""
_KEEP_ACCOUNTS = """
UPDATE profiles_social_account a
SET handle = given.handle, followers = given.followers, totals = given.totals
FROM unnest(%s, %s, %s, %s, %s) AS given (anchor, network, handle, followers, totals)
WHERE a.anchor = given.anchor AND a.network = given.network
"""


def lock_accounts(connection: Connection, keys: Collection[AccountKey]) -> dict[AccountKey, Account]:
    """The accounts of these keys, new ones too, locked in the order of their keys until the transaction ends.

    Those of anchors that are not (any more) are absent.
    """
    columns = _columns(keys)
    connection.execute(_MAKE, columns)
    rows = connection.execute(_LOCK, columns, binary=True)
    return {(row[0], row[1]): stored_account(*row) for row in rows}


def stored_account(
    anchor: str, network: str, handle: str | None, followers: str | None, totals: str | None
) -> Account:
    """The account of a row whose documents are text."""
    return Account(anchor, network, _known(handle), _known(followers), _totals(totals))


def read_items(connection: Connection, keys: Collection[ItemKey]) -> dict[ItemKey, Item]:
    """What is known of these targets."""
    ordered = sorted(keys)
    columns = [
        *_columns([(anchor, network) for anchor, network, _, _ in ordered]),
        binary.smallints([subject for _, _, subject, _ in ordered]),
        binary.uuids([target for _, _, _, target in ordered]),
    ]
    rows = connection.execute(_ITEMS, columns, binary=True)
    return {
        (anchor, network, Subject(subject), target.bytes): Item(
            Moment(at, message.bytes), Kind(abs(kind)), kind < 0, sentiment, reach
        )
        for anchor, network, subject, target, at, message, kind, sentiment, reach in rows
    }


def keep_items(connection: Connection, items: Mapping[ItemKey, Item]) -> None:
    """Store the latest fact of these targets."""
    if not items:
        return
    ordered = sorted(items.items())
    values = [item for _, item in ordered]
    connection.execute(
        _KEEP_ITEMS,
        [
            *_columns([(anchor, network) for (anchor, network, _, _), _ in ordered]),
            binary.smallints([subject for (_, _, subject, _), _ in ordered]),
            binary.uuids([target for (_, _, _, target), _ in ordered]),
            binary.bigints([item.moment.time for item in values]),
            binary.uuids([item.moment.message for item in values]),
            binary.smallints([-item.kind if item.undone else item.kind for item in values]),
            binary.bigints([item.sentiment for item in values]),
            binary.bigints([item.reach for item in values]),
        ],
    )


def keep_accounts(connection: Connection, accounts: Collection[Account]) -> None:
    """Store these accounts."""
    columns = [
        *_columns([(account.anchor, account.network) for account in accounts]),
        binary.documents([_known_document(account.handle) for account in accounts]),
        binary.documents([_known_document(account.followers) for account in accounts]),
        binary.documents([_totals_document(account.totals) for account in accounts]),
    ]
    connection.execute(_KEEP_ACCOUNTS, columns)


def _columns(keys: Collection[AccountKey]) -> list[binary.BinaryArray]:
    return [
        binary.uuids([binary.uuid_bytes(anchor) for anchor, _ in keys]),
        binary.texts([network for _, network in keys]),
    ]


def _known(text: str | None) -> Known | None:
    if text is None:
        return None
    time, message, value = orjson.loads(text)
    return Known(Moment(time, bytes.fromhex(message)), value)


def _known_document(known: Known | None) -> bytes | None:
    return known and orjson.dumps([known.moment.time, known.moment.message.hex(), known.value])


def _totals(text: str | None) -> Totals | None:
    if text is None:
        return None
    content = orjson.loads(text)
    counts = {Kind[name.upper()]: number for name, number in content.pop("counts").items()}
    return Totals(**{**content, "counts": counts, "purposes": frozenset(content["purposes"])})


def _totals_document(totals: Totals | None) -> bytes | None:
    if totals is None:
        return None
    return orjson.dumps(
        {
            "first_at": totals.first_at,
            "last_at": totals.last_at,
            "counts": {kind.name.lower(): number for kind, number in totals.counts.items()},
            "positive": totals.positive,
            "neutral": totals.neutral,
            "negative": totals.negative,
            "sentiment": totals.sentiment,
            "reach": totals.reach,
            "purposes": sorted(totals.purposes),
        }
    )
