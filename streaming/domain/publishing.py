"""Publishing outside a batch: by the API, the admin and the clock, in the transaction of what they changed."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from django.db import connection, transaction

from streaming.contracts.log import EventLog, TransactionalLog
from streaming.contracts.records import NewRecord
from streaming.database import django_session
from streaming.event_log import event_log
from streaming.runtime.outbox.writing import Lane, Targets, write

_targets: WeakKeyDictionary[EventLog, Targets] = WeakKeyDictionary()


def publish(records: Sequence[NewRecord], *, writer: str) -> None:
    """Have the records appended to the log, once, if and only if the open transaction commits.

    Call it last in the transaction, and once: it takes the locks that all others take last. `writer` names who
    publishes, such as `admin`; the records of one writer keep their order. Raises UnknownTopic, RecordTooLarge,
    and TransactionManagementError outside a transaction.
    """
    if not records:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("publish() belongs into a transaction, as its last step")
    session, log = django_session(), event_log()
    if isinstance(log, TransactionalLog):
        log.append_within(session, records)
        transaction.on_commit(log.announce)
    else:
        write(session, Lane(f"outside/{writer}"), _targets.setdefault(log, Targets(log)), records)
