"""A batch of facts put into the accounts that are stored, and what is published of it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

import psycopg

from profiles.combining.times import text_at
from profiles.combining.version import next_version
from profiles.social.account import Account, Item, Target, Totals
from profiles.social.actions import Kind
from profiles.social.facts import SCALE, Fact
from profiles.social.storing import AccountKey, keep_accounts, keep_items, lock_accounts, read_items
from streaming.contracts.combined import SOCIAL_TOPIC, combined_record, stated
from streaming.contracts.profiles import time_text
from streaming.contracts.records import NewRecord

RECORD_TYPE = "social.v1"
SILENT = frozenset({""})  # no event said anything of purposes
COUNTED = {
    Kind.POST: "posts", Kind.REPLY: "replies", Kind.LIKE: "likes", Kind.FOLLOW: "follows", Kind.MENTION: "mentions",
}  # fmt: skip


def combine(connection: psycopg.Connection[Any], facts: Sequence[Fact], now: datetime) -> list[NewRecord]:
    """Add these facts, and return the records of the accounts that they changed."""
    accounts = lock_accounts(connection, {(fact.anchor, fact.network) for fact in facts})
    facts = [fact for fact in facts if (fact.anchor, fact.network) in accounts]
    if not facts:
        return []
    known = read_items(connection, {(fact.anchor, fact.network, *fact.item) for fact in facts})
    before = deepcopy(accounts)
    items: dict[AccountKey, dict[Target, Item]] = {key: {} for key in accounts}
    for (anchor, network, subject, target), item in known.items():
        items[anchor, network][subject, target] = item
    renewed = set()
    for fact in facts:
        key = fact.anchor, fact.network
        if accounts[key].take(fact, items[key]):
            renewed.add((*key, *fact.item))
    keep_items(connection, {each: items[each[:2]][each[2:]] for each in renewed})
    changed = [account for key, account in sorted(accounts.items()) if account != before[key]]
    if not changed:
        return []
    keep_accounts(connection, changed)
    return records_of(connection, changed, time_text(now))


def records_of(connection: psycopg.Connection[Any], accounts: Sequence[Account], at: str) -> list[NewRecord]:
    """What is published of accounts with facts, in one new version. They are locked."""
    version = next_version(connection)
    return [
        combined_record(
            SOCIAL_TOPIC,
            stated(
                RECORD_TYPE,
                record_id(account),
                account.anchor,
                version=version,
                at=at,
                value=value_of(account),
            ),
        )
        for account in accounts
    ]


def record_id(account: Account) -> str:
    """The id of the account's records."""
    return f"{account.anchor}:{account.network}"


def value_of(account: Account) -> dict[str, Any]:
    """The account as it is published."""
    totals = account.totals
    assert totals is not None
    value: dict[str, Any] = {
        "network": account.network,
        "handle": account.handle and account.handle.value,
        "followers": account.followers and account.followers.value,
        "first_at": text_at(totals.first_at),
        "last_at": text_at(totals.last_at),
        **{COUNTED[kind]: number for kind, number in totals.counts.items()},
        "reach": totals.reach,
        "sentiment": sentiment_of(totals),
    }
    if totals.purposes != SILENT:
        value["purposes"] = sorted(totals.purposes)
    return value


def sentiment_of(totals: Totals) -> Mapping[str, Any] | None:
    """How what was rated speaks: the mean from -1 to 1, and the numbers of each; None when nothing was rated."""
    if not totals.rated:
        return None
    return {
        "mean": round(totals.sentiment / totals.rated / SCALE, 3),
        "positive": totals.positive,
        "neutral": totals.neutral,
        "negative": totals.negative,
    }
