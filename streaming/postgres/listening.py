"""Hearing what the announcer says, in a session that reads."""

import select
from collections.abc import Callable

from psycopg import Notify

from streaming.postgres.announcer import CHANNEL
from streaming.postgres.sessions import Connection, translated

Hear = Callable[[Notify], None]


def listen(connection: Connection, hear: Hear) -> None:
    """Have the session be told of news from now on: with the answer of any statement, and while it waits."""
    connection.add_notify_handler(hear)
    connection.execute(f"LISTEN {CHANNEL}")


def wait_for_news(connection: Connection, seconds: float, hear: Hear) -> None:
    """Sleep until there is news, which is heard, or the time is over. Raises LogUnavailable."""
    session = connection.pgconn
    readable = select.poll()
    readable.register(session.socket, select.POLLIN)
    if readable.poll(seconds * 1000):
        with translated():
            session.consume_input()
        while notify := session.notifies():
            hear(Notify(notify.relname.decode(), notify.extra.decode(), notify.be_pid))
