"""Forgetting how often blocked values came: only today's are shown."""

from datetime import datetime, timedelta

from django.db import connection

KEPT = timedelta(days=30)
_FORGET = "DELETE FROM profiles_blockedhit WHERE day < %s"


def forget_blocked_hits(*, now: datetime) -> None:
    """Forget those of former months."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [(now - KEPT).date()])
