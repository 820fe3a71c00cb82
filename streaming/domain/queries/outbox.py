"""What waits in the outbox."""

from django.db import connection


def outbox() -> int:
    """Records that were committed and that the log has not acknowledged yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_record")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
