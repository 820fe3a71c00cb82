"""Why the cluster does not let us in: said by the client's callbacks, while its requests only run out of time."""

import re

from confluent_kafka import KafkaError

from streaming.contracts.log import LogDenied
from streaming.kafka.address import Settings

_LOGIN = {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED}  # noqa: SLF001 -- the client's own codes
TLS_EXPECTED = "Kafka expects TLS here: set KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL"
_PLAIN_WANTED = "connecting to a PLAINTEXT broker listener"
_NOISE = re.compile(
    r"^(\S+://)?[^\s/]+(/\w+)?: | \(after \d+ms in state \w+[^)]*\)|error:[0-9A-F]+:SSL routines::|, verify that ssl.ca.location.*"
)


class Denial:
    """Hears the errors of a client, and tells those that waiting does not mend."""

    def __init__(self, settings: Settings) -> None:
        self._user = settings.get("sasl.username", "")
        self._mechanism = settings.get("sasl.mechanism", "")
        self._authority = settings.get("ssl.ca.location")
        self._denied: str | None = None
        self.last_words = ""

    def hear(self, error: KafkaError) -> None:
        """Take an error; for `error_cb`."""
        text = _NOISE.sub("", error.str())
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
            self.last_words = text
        self._denied = self._reason(error.code(), text) or self._denied

    def forget(self) -> None:
        """A broker answered."""
        self._denied, self.last_words = None, ""

    def raise_if_denied(self) -> None:
        """Raise LogDenied when a broker did not let us in."""
        if self._denied is not None:
            raise LogDenied(self._denied)

    def _reason(self, code: int, text: str) -> str | None:
        if code in _LOGIN:
            return (
                f"Kafka does not accept the login of {self._user!r} by {self._mechanism}: see KAFKA_SASL_USERNAME, "
                f"KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM ({text})"
            )
        if _PLAIN_WANTED in text:
            return "Kafka speaks no TLS here: set KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SASL_PLAINTEXT"
        if code == KafkaError._SSL:  # noqa: SLF001
            trusted = f"the authorities of {self._authority}" if self._authority else "those of this machine"
            return (
                f"the TLS connection to Kafka fails ({text}): see KAFKA_SSL_CA_LOCATION, now {trusted}, "
                "and that EVENT_LOG names the brokers as their certificates do"
            )
        return None
