"""kombu's transport and channel for our sessions."""

import os
from typing import Any

import psycopg
from kombu.transport import pgmq
from pgmq import PGMQueue

from cdp_site.broker.sessions import enlisted_now, sessions_of


class Channel(pgmq.Channel):
    """A channel on which a job that cannot be acknowledged holds no place.

    It is delivered again after the visibility time-out; kept, it would fill the worker until nothing else fits.
    """

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 -- kombu's
        """Acknowledge. Raises what the database raised."""
        try:
            super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]  # kombu has few types
        except psycopg.Error:
            self.qos.ack(delivery_tag)
            raise

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 -- kombu's
        """Give back, or refuse. Raises what the database raised."""
        try:
            super().basic_reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]  # beside it
        except psycopg.Error:
            self.qos.ack(delivery_tag)
            raise

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self.pgmq.send(
            self._queue_name(queue), message, conn=enlisted_now(), **self._pgmq_send_kwargs(message)
        )


class Transport(pgmq.Transport):
    """All channels of a process share its sessions, so a job can be acknowledged whatever became of its channel."""

    Channel = Channel
    connection_errors = (  # type: ignore[assignment]  # kombu types how many it has itself
        *pgmq.Transport.connection_errors,
        psycopg.errors.ReadOnlySqlTransaction,
    )

    def _create_pgmq_client(self) -> PGMQueue:
        options: dict[str, Any] = self.client.transport_options  # type: ignore[union-attr]  # it has one
        conninfo, timeout = options["conn_string"], int(options["visibility_timeout"])
        pool: Any = sessions_of(conninfo, os.getpid())
        return PGMQueue(pool=pool, conn_string=conninfo, vt=timeout, init_extension=False)
