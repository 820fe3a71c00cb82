"""A tiny LDAP server that says what a domain controller says and OpenLDAP cannot be made to say.

It knows a few entries, answers each search with those that a test names, gives long lists of values in ranges, and refuses
passwords in the words of Active Directory. It speaks without TLS.
"""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import TypeVar

Values = dict[str, list[bytes]]
Value = TypeVar("Value")
SUCCESS, UNKNOWN, INVALID = 0, 2, 49
# Tags of BER (X.690) and of LDAP's messages (RFC 4511).
_INTEGER, _OCTETS, _ENUMERATED, _SEQUENCE, _SET = 0x02, 0x04, 0x0A, 0x30, 0x31
_BIND, _BOUND, _SEARCH, _ENTRY, _DONE, _REFERENCE, _EXTENDED = 0x60, 0x61, 0x63, 0x64, 0x65, 0x73, 0x77
_RANGE = re.compile(r"(?P<name>[^;]+);range=(?P<first>\d+)-\*")


def refused(code: str) -> str:
    """What a domain controller says beside error 49."""
    return f"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {code}, v3839\0"


@dataclass
class Controller:
    """`finds` answers a search: of its base and the bytes of its filter, the names of entries.

    `refuses` has for each distinguished name what is said to whoever binds with it. `at_once` is how many values of an
    attribute are given at a time. An `endless` one gives each entry again and again. `bound` are those who tried to sign in.
    """

    entries: dict[str, Values]
    refuses: dict[str, str] = field(default_factory=dict)
    finds: Callable[[str, bytes], Sequence[str]] = lambda _base, _condition: ()
    at_once: int = 1_500
    referrals: tuple[str, ...] = ()
    endless: bool = False
    bound: list[str] = field(default_factory=list)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its address, for as long."""
        controller = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    while message := _message(self.rfile):
                        for answer in controller.answers(message):
                            self.wfile.write(answer)
                except ConnectionError:
                    return  # whoever asked has had enough

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads, allow_reuse_address, block_on_close = True, True, False

        with Server(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            try:
                yield f"ldap://127.0.0.1:{server.server_address[1]}"
            finally:
                server.shutdown()
                thread.join(10)

    def answers(self, message: bytes) -> Iterator[bytes]:
        """What is said to this."""
        (_, number), (kind, asked), *_ = _parts(message)
        if kind == _BIND:
            self.bound.append(_parts(asked)[1][1].decode())
            said = _of(self.refuses, self.bound[-1], "")
            yield _answer(number, _BOUND, _result(INVALID if said else SUCCESS, said))
        elif kind == _SEARCH:
            yield from self._found(number, _parts(asked))
        elif kind == _EXTENDED:
            yield _answer(number, _EXTENDED + 1, _result(UNKNOWN, "unsupported extended operation"))

    def _found(self, number: bytes, asked: list[tuple[int, bytes]]) -> Iterator[bytes]:
        (_, base), (_, scope), *_rest, (_, condition), (_, attributes) = asked
        wanted, at = [name.decode() for _, name in _parts(attributes)], base.decode()
        for dn in [at] if scope == b"\0" else self.finds(at, condition):
            entry = _entry(dn, self._given(_of(self.entries, dn, {}), wanted))
            yield _answer(number, _ENTRY, entry)
            while self.endless:
                yield _answer(number, _ENTRY, entry)
        if self.referrals:
            urls = b"".join(_tlv(_OCTETS, each.encode()) for each in self.referrals)
            yield _answer(number, _REFERENCE, urls)
        yield _answer(number, _DONE, _result(SUCCESS, ""))

    def _given(self, values: Values, wanted: Sequence[str]) -> Values:
        """The values that are asked for, a part of long lists."""
        given: Values = {}
        for name in wanted:
            found = _RANGE.fullmatch(name)
            plain, first = (found["name"], int(found["first"])) if found else (name, 0)
            every = _of(values, plain, [])
            some, is_last = every[first : first + self.at_once], len(every) <= first + self.at_once
            if found or not is_last:
                given[f"{plain};range={first}-{'*' if is_last else first + len(some) - 1}"] = some
            elif every:
                given[plain] = every
        return given


def _of(named: Mapping[str, Value], name: str, otherwise: Value) -> Value:
    """What has this name, however it is written: names of entries and attributes differ by no case."""
    return next((each for key, each in named.items() if key.lower() == name.lower()), otherwise)


def _message(stream: BufferedIOBase) -> bytes:
    """The content of the next message; nothing at the end."""
    head = stream.read(2)
    if len(head) < 2:
        return b""
    length = head[1]
    if length & 0x80:
        length = int.from_bytes(stream.read(length & 0x7F), "big")
    return stream.read(length)


def _parts(content: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of what stands in it."""
    found, at = [], 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            many = length & 0x7F
            length, at = int.from_bytes(content[at : at + many], "big"), at + many
        found.append((tag, content[at : at + length]))
        at += length
    return found


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def _answer(number: bytes, kind: int, content: bytes) -> bytes:
    return _tlv(_SEQUENCE, _tlv(_INTEGER, number) + _tlv(kind, content))


def _result(code: int, said: str) -> bytes:
    return _tlv(_ENUMERATED, bytes((code,))) + _tlv(_OCTETS, b"") + _tlv(_OCTETS, said.encode())


def _entry(dn: str, values: Values) -> bytes:
    listed = b"".join(
        _tlv(
            _SEQUENCE,
            _tlv(_OCTETS, name.encode()) + _tlv(_SET, b"".join(_tlv(_OCTETS, each) for each in some)),
        )
        for name, some in values.items()
    )
    return _tlv(_OCTETS, dn.encode()) + _tlv(_SEQUENCE, listed)
