"""`kafka://host:9092,host:9092?option=value` as librdkafka's settings."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

Settings = dict[str, str | int | float | bool]
_SECRETS = {"sasl.password": "KAFKA_SASL_PASSWORD", "ssl.key.password": "KAFKA_SSL_KEY_PASSWORD"}


def client_settings(url: str, access: Mapping[str, str]) -> Settings:
    """The settings that every client of this cluster shares; the query's options go to librdkafka as they are.

    `access` is how to be let in, in librdkafka's words. Raises ValueError without repeating the address, which may
    hold a secret.
    """
    parts = urlsplit(url)
    servers, options = unquote(parts.netloc), dict(parse_qsl(parts.query))
    if parts.scheme != "kafka" or not servers or parts.path.strip("/") or "@" in servers:
        raise ValueError(
            "EVENT_LOG should look like kafka://host:9092,host:9092; logins go into KAFKA_SASL_USERNAME and "
            "KAFKA_SASL_PASSWORD"
        )
    for option, variable in _SECRETS.items():
        if option in options:
            raise ValueError(
                f"EVENT_LOG has {option}, and addresses are shown in places: set {variable} instead"
            )
    return {
        "bootstrap.servers": servers,
        "client.id": "headwater",
        "socket.timeout.ms": 4000,  # a frozen broker is given up after 9 s instead of 20 s
        "socket.connection.setup.timeout.ms": 4000,
        "reconnect.backoff.max.ms": 2000,
        "log.connection.close": False,
        **access,
        **options,
    }
