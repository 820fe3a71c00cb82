"""Sessions with a mail server that end in time, however slowly it greets, agrees on TLS or answers."""

import smtplib
from contextlib import suppress
from socket import SHUT_RDWR, SOCK_STREAM, create_connection, getaddrinfo, socket
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import Any, Self


class Watch:
    """Breaks off what is done within it once that has taken so many seconds. What is broken off ends with an error.

    It holds the socket by a descriptor of its own, for while TLS is agreed on nobody else has it.
    """

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds
        self._socket: socket | None = None
        self._timer = Timer(seconds, self._break_off)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    @property
    def is_over(self) -> bool:
        """Whether the time is."""
        return monotonic() >= self._until

    def connected(self, host: str, port: int, timeout: float) -> socket:
        """A connection to the first address of the host that takes one. Raises OSError."""
        trouble: OSError = TimeoutError("no address of the host answered in time")
        for *_, address in getaddrinfo(host, port, type=SOCK_STREAM):
            left = self._until - monotonic()
            if left <= 0:
                break
            try:
                return self._held(create_connection((str(address[0]), port), min(timeout, left)), timeout)
            except OSError as error:
                trouble = error
        raise trouble

    def _held(self, connection: socket, timeout: float) -> socket:
        connection.settimeout(timeout)
        self._socket = connection.dup()
        if self.is_over:
            self._break_off()
        return connection

    def _break_off(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)  # gone already is as good


class Session(smtplib.SMTP):
    """A session over a connection that is watched before its first byte."""

    def __init__(self, watch: Watch, host: str, port: int, **options: Any) -> None:
        self._watch = watch
        super().__init__(host, port, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        return self._watch.connected(host, port, timeout)


class TlsSession(smtplib.SMTP_SSL, Session):
    """A session that begins with TLS."""

    def __init__(self, watch: Watch, host: str, port: int, **options: Any) -> None:
        self._watch = watch
        smtplib.SMTP_SSL.__init__(self, host, port, **options)
