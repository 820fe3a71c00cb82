"""Where a stream stands among its messages, and the identity that each one gets.

A broker sends what was not acknowledged again, first and in its old order. So the number of a message is the same when it comes
again before its number was committed; one whose number was committed is recognised by its packet and its content.
docs/adr/0108-messages-are-numbered.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from uuid import uuid4

from ingestion.sources.contract import State
from ingestion.sources.mqtt.messages import Message

IN_FLIGHT = 256
"""How many messages a broker may send before the first of them is acknowledged."""


@dataclass(slots=True)
class Place:
    """`session` counts the broker's sessions, `number` is that of the next message.

    `taken` are the marks, by packet, of messages that are in but that the broker may not know to be.
    """

    session: int = 0
    number: int = 0
    topics: tuple[str, ...] = ()
    taken: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State) -> "Place":
        """As it was committed."""
        return cls(
            state.get("session", 0), state.get("number", 0), tuple(state.get("topics", ())), dict(state.get("taken", ()))
        )  # fmt: skip

    def state(self) -> State:
        """To be committed with the messages so far."""
        return {
            "session": self.session, "number": self.number, "topics": list(self.topics), "taken": list(self.taken.items()),
        }  # fmt: skip

    def begin_session(self) -> None:
        """The broker knows nothing of us: nothing comes again, and the same packets mean other messages."""
        self.session += 1
        self.topics, self.taken = (), {}

    def identity(self, message: Message) -> str | None:
        """What tells the message from all others; None when it is in already."""
        mark = _mark(message)
        if message.is_retained:  # the last word on its topic, each time one asks for it anew
            return f"retained|{mark}"
        if not message.qos:  # never sent again, and so of no place among those that are
            return f"once|{uuid4().hex}"
        if message.is_again and self.taken.get(message.packet) == mark:
            return None
        identity = f"{self.session}|{self.number}|{mark}"
        self.number += 1
        self.taken.pop(message.packet, None)  # the broker gave the packet away, so it knew
        self.taken[message.packet] = mark
        if len(self.taken) > IN_FLIGHT:
            del self.taken[next(iter(self.taken))]
        return identity

    def listens_to(self, topics: Iterable[str]) -> tuple[list[str], list[str]]:
        """Topics to subscribe to, and those to give up, so that exactly these are listened to."""
        wanted = list(topics)
        known = set(self.topics)
        return [each for each in wanted if each not in known], sorted(known - set(wanted))


def _mark(message: Message) -> str:
    topic = (message.topic or "").encode()
    digest = blake2b(len(topic).to_bytes(4, "big") + topic + message.payload, digest_size=9)
    digest.update(message.size.to_bytes(8, "big"))
    return digest.hexdigest()
