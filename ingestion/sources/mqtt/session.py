"""A session with a broker, driven by whoever waits for its messages: what is not asked for stays at the broker."""

import socket
import ssl
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingestion.sources.contract import SourceUnavailable
from ingestion.sources.hosts import connected
from ingestion.sources.mqtt.broker import Broker
from ingestion.sources.mqtt.failures import (
    REFUSED,
    broke_off,
    refused_connection,
    refused_topic,
    unreachable,
)
from ingestion.sources.mqtt.messages import MAX_PAYLOAD, Message
from ingestion.sources.mqtt.place import IN_FLIGHT

ANSWER_S = 10.0
KEEPALIVE_S = 30
KEPT_S = 7 * 86400  # how long a broker keeps messages for us while nobody listens
LARGEST_PACKET = 2 * MAX_PAYLOAD
STEP_S = 0.05
_AS_NEW, _NEVER = (
    1,
    2,
)  # when a broker sends the messages that it retained: with a new subscription, or not at all


class _CheckedClient(Client):
    """Connects to addresses that were checked, and lets TLS check the name."""

    tls: ssl.SSLContext | None = None

    def _create_socket_connection(self) -> socket.socket:
        return connected(self._host, self._port, self.connect_timeout)

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """Unlike paho's own, this leaves no socket open when the handshake fails."""
        assert self.tls is not None, "asked for only with TLS"
        return self.tls.wrap_socket(tcp_sock, server_hostname=self._host)


@contextmanager
def session(broker: Broker, client_id: str, *, is_kept: bool) -> Iterator["Session"]:
    """A connected session; one that `is_kept` has its messages kept by the broker while it is not connected."""
    opened = Session(broker, client_id, is_kept=is_kept)
    try:
        opened.connect()
        yield opened
    finally:
        opened.close()


class Session:
    """One connection. Only `acknowledge` may be called from another thread. All calls raise SourceError."""

    def __init__(self, broker: Broker, client_id: str, *, is_kept: bool) -> None:
        self._broker, self._is_kept = broker, is_kept
        self.is_present = False
        """Whether the broker had kept a session of this client."""
        self._messages: deque[Message] = deque()
        self._to_acknowledge: deque[int] = deque()
        self._is_connected, self._granted = False, dict[int, list[int]]()
        self._ended: tuple[int, str] | None = None
        self._client = self._made(client_id)

    def connect(self) -> None:
        """Log in."""
        broker, client = self._broker, self._client
        try:
            if broker.is_5:
                client.connect(
                    broker.host, broker.port, KEEPALIVE_S, clean_start=not self._is_kept, properties=self._properties()
                )  # fmt: skip
            else:
                client.connect(broker.host, broker.port, KEEPALIVE_S)
        except OSError as error:
            raise unreachable(error, is_encrypted=broker.tls is not None) from None
        self._wait_until(lambda: self._is_connected)

    def subscribe(self, topics: Iterable[str], *, takes_retained: bool) -> None:
        """Listen to these topics with QoS 1. Raises StreamRefused naming the first that may not be."""
        wanted = list(topics)
        if not wanted:
            return
        options = SubscribeOptions(qos=1, retainHandling=_AS_NEW if takes_retained else _NEVER)
        shared = SubscribeOptions(qos=1)  # retained messages are never sent to shared ones
        asked: Any = (
            [(topic, shared if topic.startswith("$share/") else options) for topic in wanted]
            if self._broker.is_5
            else [(topic, 1) for topic in wanted]
        )
        _, number = self._client.subscribe(asked)
        granted = self._granted_for(number)
        for topic, code in zip(wanted, granted, strict=False):
            if code >= REFUSED:
                raise refused_topic(topic, code)

    def unsubscribe(self, topics: list[str]) -> None:
        """Listen to these no more; what waits of them still comes."""
        if topics:
            self._client.unsubscribe(topics)

    def collect(self, most: int, *, seconds: float, gather_s: float) -> list[Message]:
        """Messages that come within so many seconds; a little while after the first, those that came with it."""
        until = time.monotonic() + seconds
        while not self._ended and len(self._messages) < most and (left := until - time.monotonic()) > 0:
            had = bool(self._messages)
            self._step(min(left, STEP_S))
            if self._messages and not had:
                until = min(until, time.monotonic() + gather_s)
        if not self._messages:
            self._check()
        return [self._messages.popleft() for _ in range(min(most, len(self._messages)))]

    def acknowledge(self, packets: Iterable[int]) -> None:
        """Have the broker forget these messages, in the order in which they came; sent with the next step."""
        self._to_acknowledge.extend(packets)

    def close(self) -> None:
        """Say goodbye; acknowledgements that are due go first."""
        with suppress(OSError, ValueError):
            self._send_acknowledgements()
            self._client.disconnect()
            while self._client.want_write():
                if self._client.loop_write() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    break
            found = self._client.socket()
            if found is not None:
                found.close()

    def _step(self, seconds: float) -> None:
        """Let the client read and write for at most so long."""
        self._send_acknowledgements()
        self._client.loop(seconds)

    def _send_acknowledgements(self) -> None:
        while self._to_acknowledge:
            self._client.ack(self._to_acknowledge.popleft(), 1)

    def _wait_until(self, is_so: Any) -> None:
        until = time.monotonic() + ANSWER_S
        while not is_so():
            self._check()
            if time.monotonic() > until:
                raise SourceUnavailable("The broker did not answer in time: is this its MQTT port?")
            self._step(STEP_S)

    def _granted_for(self, number: int | None) -> list[int]:
        self._wait_until(lambda: number in self._granted)
        return self._granted[cast("int", number)]

    def _check(self) -> None:
        """Raise when the connection ended."""
        if self._ended is not None:
            code, said = self._ended
            raise refused_connection(code, said) if code else broke_off()

    def _made(self, client_id: str) -> _CheckedClient:
        broker = self._broker
        client = _CheckedClient(
            CallbackAPIVersion.VERSION2, client_id, None if broker.is_5 else not self._is_kept,
            protocol=MQTTProtocolVersion.MQTTv5 if broker.is_5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False, manual_ack=True,
        )  # fmt: skip
        client.connect_timeout = ANSWER_S
        if broker.user or broker.password:
            client.username_pw_set(broker.user, broker.password or None)
        if broker.tls is not None:
            client.tls = broker.tls
            client.tls_set_context(broker.tls)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_subscribe, client.on_message = self._subscribed, self._received
        return client

    def _properties(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has few types
        properties.SessionExpiryInterval = KEPT_S if self._is_kept else 0
        properties.ReceiveMaximum = IN_FLIGHT
        properties.MaximumPacketSize = LARGEST_PACKET
        return properties

    def _connected(self, _client: Any, _userdata: Any, flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._ended = (reason.value, str(reason))
            return
        self.is_present, self._is_connected = flags.session_present, True

    def _disconnected(self, _client: Any, _userdata: Any, flags: Any, reason: Any, _properties: Any) -> None:
        if self._ended is None:
            is_told = flags.is_disconnect_packet_from_server and reason.value >= REFUSED
            self._ended = (reason.value if is_told else 0, str(reason))

    def _subscribed(self, _client: Any, _userdata: Any, number: int, reasons: Any, _properties: Any) -> None:
        self._granted[number] = [reason.value for reason in reasons]

    def _received(self, _client: Any, _userdata: Any, message: MQTTMessage) -> None:
        try:
            topic: str | None = message.topic
        except UnicodeDecodeError:
            topic = None
        size, properties = len(message.payload), message.properties
        self._messages.append(
            Message(
                topic=topic, payload=bytes(message.payload) if size <= MAX_PAYLOAD else b"", size=size, qos=message.qos,
                packet=message.mid, is_again=message.dup, is_retained=message.retain,
                content_type=getattr(properties, "ContentType", None),
                user_properties=dict(getattr(properties, "UserProperty", ())),
            )
        )  # fmt: skip
