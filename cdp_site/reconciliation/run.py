"""Reconciling this installation."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from cdp_site.reconciliation.accepted import Accepted, logged, spooled
from cdp_site.reconciliation.balance import Balance, compare
from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.identifiers import normalise
from compliance.suppression import snapshot_within
from profiles.builder.arrival import Reader
from profiles.builder.extraction import Extractor
from profiles.builder.rules import RuleReader
from streaming.contracts.log import EventLog
from streaming.database import connect


def reconcile(*, log: EventLog, spool: Path, by: Actor) -> Balance:
    """Compare all that the log and this host's spool hold with what became of it. Reads the whole log.

    Raises LogError and psycopg.Error when the log or the database is away.
    """
    require(by, Operation.PIPELINE_VIEW)
    with connect(application_name="headwater reconcile") as connection:
        with connection.transaction():
            book = RuleReader().read(connection)
            suppressions = snapshot_within(connection)
        reader = Reader(book, Extractor(book.namespaces, normalise))
        # The spool first: what the relay moves meanwhile is then counted twice, and not lost from sight.
        accepted: Iterator[list[Accepted]] = chain(
            spooled(spool, reader, suppressions), logged(log, reader, suppressions)
        )
        balance = compare(connection, accepted)
    detail = {"missing": len(balance.missing), "counts": len(balance.counts)}
    record_read(by, action="pipeline.reconcile", categories=[Category.BEHAVIOUR], detail=detail)
    return balance
