"""What one Kafka node knows of its cluster, asked without a client: a client asks whichever node it likes."""

import socket
import struct
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple


class Seen(NamedTuple):
    """What a node knows: who is alive, and whether every partition has a leader and all its copies in sync."""

    brokers: frozenset[int]
    is_whole: bool


def seen_by(host: str, port: int) -> Seen:
    """The answer to a Metadata request (version 1, of all topics). Raises OSError when there is none."""
    client_id = b"headwater-tests"
    request = struct.pack(">hhih", 3, 1, 1, len(client_id)) + client_id + struct.pack(">i", -1)
    with socket.create_connection((host, port), timeout=2) as connection, connection.makefile("rb") as answer:
        connection.sendall(struct.pack(">i", len(request)) + request)
        read = _Answer(answer)
        read.number("i")  # size
        read.number("i")  # correlation
        return Seen(frozenset(read.brokers()), read.are_whole())


class _Answer:
    """Reads the parts of the answer in their order."""

    def __init__(self, answer: BinaryIO) -> None:
        self._answer = answer

    def number(self, form: str) -> int:
        size = struct.calcsize(f">{form}")
        content = self._answer.read(size)
        if len(content) < size:
            raise ConnectionError("the answer ended early")
        value: int = struct.unpack(f">{form}", content)[0]
        return value

    def _skip_text(self) -> None:
        self._answer.read(max(0, self.number("h")))

    def _numbers(self) -> list[int]:
        return [self.number("i") for _ in range(self.number("i"))]

    def brokers(self) -> Iterable[int]:
        for _ in range(self.number("i")):
            yield self.number("i")
            self._skip_text()
            self.number("i")  # port
            self._skip_text()  # rack

    def are_whole(self) -> bool:
        """Whether each partition of each topic has a leader, and all its copies in sync."""
        self.number("i")  # controller
        found = []
        for _ in range(self.number("i")):
            found.append(self.number("h") == 0)
            self._skip_text()
            self.number("?")
            found += [self._is_whole() for _ in range(self.number("i"))]
        return all(found)

    def _is_whole(self) -> bool:
        error, _partition, leader = self.number("h"), self.number("i"), self.number("i")
        replicas, in_sync = self._numbers(), self._numbers()
        return error == 0 and leader >= 0 and set(replicas) == set(in_sync)
