"""A small TCP load balancer: one address, several hosts; a connection goes to the next one that accepts it."""

import itertools
import socket
import threading
from contextlib import suppress
from typing import Self

_CHUNK = 65536


class Balancer:
    """Forwards each connection to one of the loopback ports, in turn. Ends with its context."""

    def __init__(self, ports: list[int]) -> None:
        self._turns = itertools.cycle(range(len(ports)))
        self._ports = ports
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, name="balancer", daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            host = self._host()
            if host is None:
                client.close()
                continue
            self._open |= {client, host}
            for source, sink in ((client, host), (host, client)):
                thread = threading.Thread(
                    target=self._pump, args=(source, sink), name="balancer", daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def _host(self) -> socket.socket | None:
        first = next(self._turns)
        for offset in range(len(self._ports)):
            with suppress(OSError):
                port = self._ports[(first + offset) % len(self._ports)]
                connection = socket.create_connection(("127.0.0.1", port), timeout=2)
                connection.settimeout(None)
                return connection
        return None

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                sink.sendall(data)
        for end in (source, sink):  # the other direction ends too: its host may be gone
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.discard(source)
        source.close()
