"""The kind `mqtt`: topics of a broker, listened to all the time."""

from collections.abc import Iterator

from ingestion.sources.contract import (
    Batch,
    FormField,
    Row,
    Selection,
    Settings,
    SourceRefused,
    State,
    StreamInfo,
)
from ingestion.sources.mqtt.broker import broker_of, wanted_of
from ingestion.sources.packages import needed

_TLS = (("on", "Encrypted, with a certificate for this host"), ("off", "None"))
_VERSIONS = (("5", "MQTT 5"), ("3.1.1", "MQTT 3.1.1"))
_RETAINED = (("take", "Take it, once"), ("skip", "Leave it out"))
_PAYLOADS = (("json", "JSON"), ("text", "Text or a number"))


class MqttSource:
    """Listens with a session that the broker keeps, and acknowledges what is in."""

    key = "mqtt"
    title = "MQTT (devices)"
    is_continuous = True
    fields: tuple[FormField, ...] = (
        FormField("host", "Host", placeholder="broker.example.com", is_place=True),
        FormField("port", "Port", is_required=False, placeholder="8883", help="empty: 8883 with encryption, 1883 without", is_place=True),
        FormField("tls", "Encryption on the way", choices=_TLS, default="on", is_place=True),
        FormField("ca", "Certificate of the authority", is_required=False, is_long=True, shown_if=("tls", ("on",)), placeholder="-----BEGIN CERTIFICATE-----", help="empty: those that every computer knows"),
        FormField("user", "User", is_required=False, help="one that may only read"),
        FormField("password", "Password", is_secret=True, is_required=False),
        FormField("client_id", "Client id", placeholder="headwater-shop", help="no other client of this broker may have it: they would throw each other out"),
        FormField("version", "Version", choices=_VERSIONS, default="5"),
    )  # fmt: skip
    stream_fields: tuple[FormField, ...] = (
        FormField("topics", "Topics", is_long=True, placeholder="sensors/+/reading", help="one a line; + stands for one level, # for all that follow"),
        FormField("payload", "Messages are", choices=_PAYLOADS, default="json"),
        FormField("retained", "What the broker had kept of a topic", choices=_RETAINED, default="take", help="its last message from before we listened"),
        FormField("share", "Shared subscription", is_required=False, placeholder="headwater", help="the name of a group whose members share the messages; empty: none"),
        FormField("known_fields", "Fields", is_required=False, is_long=True, placeholder="temperature: number", help="one a line; empty: those of the messages that come within a few seconds"),
    )  # fmt: skip

    def check(self, settings: Settings) -> str:
        """Try the login."""
        with needed("paho-mqtt", by="MQTT brokers"):
            from ingestion.sources.mqtt.describing import look  # noqa: PLC0415 -- paho takes long to load

        broker = broker_of(settings)
        look(broker)
        way = "encrypted" if broker.tls else "without encryption"
        return f"The login works: the broker speaks MQTT {'5' if broker.is_5 else '3.1.1'}, {way}. Whether it may read a topic is seen when you name one."

    def discover(self, settings: Settings) -> list[StreamInfo]:
        """A broker does not say which topics there are."""
        del settings
        return []

    def describe(self, settings: Settings, stream: str) -> StreamInfo:
        """See that the topics may be read, and what the first messages hold unless a person has said so."""
        with needed("paho-mqtt", by="MQTT brokers"):
            from ingestion.sources.mqtt.describing import described  # noqa: PLC0415 -- paho takes long to load

        return described(stream, broker_of(settings), wanted_of(settings))

    def begin(self, selection: Selection, former: State | None) -> State:
        """From where it stood: a broker has no beginning to go back to."""
        del selection
        return former or {}

    def first(self, selection: Selection, cursor: str) -> State:
        """Nothing that came before can be asked for."""
        del selection, cursor
        raise SourceRefused("Messages come once: there is no place to begin at.")

    def read(self, settings: Settings, selection: Selection, state: State, *, rows: int) -> Iterator[Batch]:
        """Listen."""
        with needed("paho-mqtt", by="MQTT brokers"):
            from ingestion.sources.mqtt.reading import listen  # noqa: PLC0415 -- paho takes long to load

        del rows  # a broker is told how many it may send
        yield from listen(broker_of(settings), wanted_of(settings), selection, state)

    def sample(self, settings: Settings, selection: Selection, *, rows: int) -> list[Row]:
        """The first messages that come, or that the broker had kept, beside those who listen."""
        with needed("paho-mqtt", by="MQTT brokers"):
            from ingestion.sources.mqtt.describing import sample_rows  # noqa: PLC0415 -- paho takes long to load

        return sample_rows(broker_of(settings), wanted_of(settings), selection, rows)

    def remaining(self, settings: Settings, selection: Selection, state: State) -> int | None:
        """A broker does not say how many wait."""
        del settings, selection, state
        return None
