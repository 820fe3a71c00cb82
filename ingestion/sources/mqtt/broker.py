"""What people typed of a broker and of a stream, checked and understood."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from ingestion.sources.contract import DataType, Settings, SourceRefused, StreamRefused

MAX_FILTERS = 50
MAX_FIELDS = 200
MAX_TOPIC = 65_535
_PLAIN_PORT, _TLS_PORT, _MOST_PORT = 1883, 8883, 65_535
_GROUP = re.compile(r"[^/+#]{1,100}")


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is, and how one logs in."""

    host: str
    port: int
    user: str
    password: str
    client_id: str
    is_5: bool
    tls: ssl.SSLContext | None

    def client_of(self, stream: str) -> str:
        """The client id for a stream: always the same, so that the broker keeps its messages, and its own."""
        return f"{self.client_id}-{blake2b(stream.encode(), digest_size=4).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is listened to, and how messages are read."""

    filters: tuple[str, ...]
    group: str
    takes_retained: bool
    is_json: bool
    fields: Mapping[str, DataType]

    @property
    def subscriptions(self) -> list[str]:
        """As they are sent to the broker."""
        return [f"$share/{self.group}/{each}" if self.group else each for each in self.filters]


def broker_of(settings: Settings) -> Broker:
    """Raises SourceRefused when the settings cannot be used."""
    is_safe = settings.get("tls") != "off"
    port = settings.get("port") or str(_TLS_PORT if is_safe else _PLAIN_PORT)
    if not port.isdecimal() or not 0 < int(port) <= _MOST_PORT:
        raise SourceRefused(f"A port is a number up to {_MOST_PORT}.")
    return Broker(
        host=settings.get("host", ""),
        port=int(port),
        user=settings.get("user", ""),
        password=settings.get("password", ""),
        client_id=settings.get("client_id", ""),
        is_5=settings.get("version") != "3.1.1",
        tls=_context(settings.get("ca", "")) if is_safe else None,
    )


def wanted_of(settings: Settings) -> Wanted:
    """Raises StreamRefused when the stream's settings cannot be used."""
    filters = tuple(dict.fromkeys(filter(None, map(str.strip, settings.get("topics", "").splitlines()))))
    group = settings.get("share", "").strip()
    if not filters or len(filters) > MAX_FILTERS:
        raise StreamRefused(f"Give 1 to {MAX_FILTERS} topics, one a line, such as sensors/+/reading.")
    for each in filters:
        if why := _wrong_with(each):
            raise StreamRefused(f"The topic {each[:100]!r} cannot be listened to: {why}.")
    if group and not _GROUP.fullmatch(group):
        raise StreamRefused("The name of a shared subscription has no /, + or #.")
    return Wanted(
        filters, group, settings.get("retained") != "skip", settings.get("payload") != "text",
        _fields(settings.get("known_fields", "")),
    )  # fmt: skip


def fields_text(fields: Mapping[str, DataType]) -> str:
    """Fields as they stand in the form, one a line."""
    return "\n".join(f"{name}: {kind.value}" for name, kind in fields.items())


def _wrong_with(topic: str) -> str:
    levels = topic.split("/")
    if len(topic.encode()) > MAX_TOPIC or "\0" in topic:
        return "it is too long"
    if topic.startswith("$share/"):
        return "name a shared subscription in its own field"
    if any("#" in level and (level != "#" or place < len(levels) - 1) for place, level in enumerate(levels)):
        return "# stands for all that follows, so it is the last level, alone"
    if any("+" in level and level != "+" for level in levels):
        return "+ stands for a whole level"
    return ""


def _fields(text: str) -> dict[str, DataType]:
    fields: dict[str, DataType] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, kind = (part.strip() for part in line.rpartition(":"))
        if not name or kind not in set(DataType):
            known = ", ".join(each.value for each in DataType)
            raise StreamRefused(
                f"Write each field as a name and what it holds, such as temperature: number ({known})."
            )
        fields[name] = DataType(kind)
    if len(fields) > MAX_FIELDS:
        raise StreamRefused(f"At most {MAX_FIELDS} fields can be named.")
    return fields


def _context(authority: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError):
        raise SourceRefused(
            "The certificate of the authority cannot be read: paste the text that begins with -----BEGIN CERTIFICATE-----."
        ) from None
