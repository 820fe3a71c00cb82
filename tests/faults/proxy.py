"""A TCP proxy whose connections can be made as bad as a network's, in toxiproxy's words."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Self

HOST = "127.0.0.1"
_CHUNK = 65536
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


@dataclass(frozen=True, slots=True)
class Toxic:
    """What is wrong with the network; the default is nothing.

    `down` closes everything and refuses what comes; `reset_peer` does so with a reset after accepting; `timeout`
    passes nothing on and closes nothing; `latency` is in seconds for each chunk, `bandwidth` in bytes a second,
    `slicer` the most bytes of a chunk; `cut_at` ends the connection instead of passing on an answer that holds
    these bytes (toxiproxy's limit_data, at a place that means something).
    """

    down: bool = False
    reset_peer: bool = False
    timeout: bool = False
    latency: float = 0.0
    bandwidth: int = 0
    slicer: int = 0
    cut_at: bytes = b""
    slow_close: float = 0.0


HEALTHY = Toxic()


class _Ended(Exception):
    """The connection was ended by a toxic."""


class Proxy:
    """Forwards one loopback port to another, on a thread of its own. `cuts` counts what `cut_at` ended."""

    def __init__(self, upstream: int = 0, *, port: int = 0) -> None:
        self.upstream = upstream
        self._listener = socket.create_server((HOST, port))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self._toxic = HEALTHY
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy {self.port}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def be(self, toxic: Toxic) -> None:
        """Behave so from now on, open connections too."""
        self._call(self._become(toxic))

    def heal(self) -> None:
        """Behave well again; what a `timeout` held back is passed on."""
        self.be(HEALTHY)

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open(self) -> None:
        self._changed = asyncio.Event()
        self._server = await asyncio.start_server(self._connected, sock=self._listener)

    async def _close(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._abort_all()
        await asyncio.sleep(0)

    async def _become(self, toxic: Toxic) -> None:
        assert self._changed is not None
        self._toxic = toxic
        self._changed.set()
        self._changed = asyncio.Event()
        if toxic.down or toxic.reset_peer:
            self._abort_all()

    def _abort_all(self) -> None:
        for writer in list(self._writers):
            _abort(writer)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        other: asyncio.StreamWriter | None = None
        try:
            if self._toxic.down or self._toxic.reset_peer:
                return
            await self._pass_time()
            back, other = await asyncio.open_connection(HOST, self.upstream)
            self._writers.add(other)
            pumps = [
                self._loop.create_task(self._pump(reader, other, answers=False)),
                self._loop.create_task(self._pump(back, writer, answers=True)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(self._toxic.slow_close)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass
        finally:
            for each in filter(None, (writer, other)):
                _abort(each)
                self._writers.discard(each)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with contextlib.suppress(OSError, _Ended):
            while data := await reader.read(_CHUNK):
                await self._pass_on(data, writer, answers=answers)

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        await self._pass_time()
        toxic = self._toxic
        if answers and toxic.cut_at and toxic.cut_at in data:
            self.cuts += 1
            raise _Ended
        size = toxic.slicer or len(data)
        for start in range(0, len(data), size):
            part = data[start : start + size]
            await asyncio.sleep(toxic.latency + (len(part) / toxic.bandwidth if toxic.bandwidth else 0.0))
            writer.write(part)
            await writer.drain()

    async def _pass_time(self) -> None:
        """Wait as long as nothing is passed on."""
        while self._toxic.timeout:
            assert self._changed is not None
            await self._changed.wait()


def _abort(writer: asyncio.StreamWriter) -> None:
    if (raw := writer.get_extra_info("socket")) is not None and raw.fileno() >= 0:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    writer.transport.abort()
