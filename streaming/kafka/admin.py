"""The client that asks and changes the cluster, and what it heard of why the cluster cannot be reached."""

import logging
import threading
import time
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata

from streaming.contracts.log import LogDenied, LogUnavailable
from streaming.kafka.address import Settings
from streaming.kafka.denial import TLS_EXPECTED, Denial
from streaming.kafka.probing import expects_tls

_TRY_SECONDS = 2.0
_REACH_SECONDS = 8.0
_AWAY_SECONDS = 1.0  # for so long nobody waits anew for brokers that somebody waited for in vain


class KafkaAdmin:
    """Thread-safe. `settings` are those that all clients of the cluster share."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._denial = Denial(settings)
        self._client: AdminClient | None = None
        self._away_until, self._away = 0.0, ""
        self._lock = threading.Lock()

    @property
    def servers(self) -> str:
        """The addresses that lead to the cluster."""
        return str(self._settings["bootstrap.servers"])

    def grant(self, operation: str, *resource: str) -> str:
        """How to give our user a right, as in `grant("Write", "--topic", "orders")`."""
        user = self._settings.get("sasl.username") or "NAME"
        return (
            f"to allow it: kafka-acls --bootstrap-server {self.servers.partition(',')[0]} --add "
            f"--allow-principal User:{user} --operation {operation} {' '.join(resource)}"
        )

    def client(self) -> AdminClient:
        """The client, with fresh knowledge of who the controller is. Raises LogUnavailable, LogDenied.

        Without that, a client that saw a broker die can fail for good, waiting for a controller.
        """
        self.metadata()
        return self._opened()

    def renew(self) -> None:
        """Have the next request go through a new client: one that waits for a controller that died may wait for good."""
        with self._lock:
            self._client = None

    def metadata(self) -> ClusterMetadata:
        """What a broker knows of the cluster. Raises LogDenied as soon as that is why none answers, LogUnavailable."""
        if time.monotonic() < self._away_until:
            raise LogUnavailable(self._away)
        client, deadline = self._opened(), time.monotonic() + _REACH_SECONDS
        while True:
            remaining = deadline - time.monotonic()
            try:
                metadata = client.list_topics(timeout=max(0.1, min(_TRY_SECONDS, remaining)))
            except KafkaException as exception:
                client.poll(0)
                self._denial.raise_if_denied()
                self._raise_if_tls_is_expected()
                if remaining <= _TRY_SECONDS:
                    raise self._unreachable(exception.args[0]) from exception
            else:
                self._denial.forget()
                return metadata

    def _raise_if_tls_is_expected(self) -> None:
        is_plain = "SSL" not in str(self._settings.get("security.protocol", "PLAINTEXT")).upper()
        if is_plain and not self._denial.last_words and expects_tls(self.servers):
            raise LogDenied(TLS_EXPECTED)

    def _unreachable(self, error: KafkaError) -> LogUnavailable:
        self._away = f"no broker answers at {self.servers}: {self._denial.last_words or error.str()}"
        self._away_until = time.monotonic() + _AWAY_SECONDS
        return LogUnavailable(self._away)

    def _opened(self) -> AdminClient:
        with self._lock:
            if self._client is None:
                given: dict[str, Any] = {**self._settings, "error_cb": self._denial.hear}
                self._client = AdminClient(given, logger=_Silent())
            return self._client


class _Silent(logging.Logger):
    """The client's own lines repeat, many times a second, what the raised error says once."""

    def __init__(self) -> None:
        super().__init__("kafka admin", logging.CRITICAL)
