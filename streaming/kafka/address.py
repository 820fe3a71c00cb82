"""`kafka://host:9092,host:9092?option=value` as librdkafka's settings."""

from urllib.parse import parse_qsl, unquote, urlsplit

Settings = dict[str, str | int | float | bool]


def client_settings(url: str) -> Settings:
    """The settings that every client of this cluster shares; the query's options go to librdkafka as they are."""
    parts = urlsplit(url)
    servers = unquote(parts.netloc)
    if parts.scheme != "kafka" or not servers or parts.path.strip("/") or "@" in servers:
        raise ValueError(
            "EVENT_LOG should look like kafka://host:9092,host:9092?security.protocol=SASL_SSL&sasl.username=…; "
            "logins go into the query"
        )
    return {
        "bootstrap.servers": servers,
        "client.id": "headwater",
        "socket.timeout.ms": 4000,  # a frozen broker is given up after 9 s instead of 20 s
        "socket.connection.setup.timeout.ms": 4000,
        "reconnect.backoff.max.ms": 2000,
        "log.connection.close": False,
        **dict(parse_qsl(parts.query)),
    }
