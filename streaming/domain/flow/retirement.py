"""Consumers that are stopped for good: a decision of a person. They hold nobody back, and nobody is told that they stand."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from streaming.domain import oversight

_RETIRE = "INSERT INTO consumer_retirement (consumer, retired_at, retired_by) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_KEEP = "DELETE FROM consumer_retirement WHERE consumer = %s"


def retired_consumers() -> frozenset[str]:
    """Their names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consumer FROM consumer_retirement")
        return frozenset(name for (name,) in cursor.fetchall())


def retire(consumer: str, *, actor: Any, by_name: str, now: datetime) -> None:
    """Count the consumer no longer; idempotent. Raises an error of the overseer's when the actor may not decide."""
    oversight.require_decider(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RETIRE, [consumer, now, by_name])
        if cursor.rowcount:
            oversight.record_decision(
                actor, action="consumer.retire", target=f"consumer {consumer}", detail={}
            )


def keep(consumer: str, *, actor: Any) -> None:
    """Count the consumer again; idempotent. Raises an error of the overseer's when the actor may not decide."""
    oversight.require_decider(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_KEEP, [consumer])
        if cursor.rowcount:
            oversight.record_decision(actor, action="consumer.keep", target=f"consumer {consumer}", detail={})
