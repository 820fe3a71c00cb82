"""Runs roles until it is told to stop: one thread, which starts, listens, watches and stops."""

import selectors
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from cdp_site.supervision.backoff import Backoff
from cdp_site.supervision.child import Child
from cdp_site.supervision.output import Output
from cdp_site.supervision.role import Role

TICK_S = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Post:
    """A role, the process that has it now, and when the next one is due."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.child: Child | None = None
        self.backoff = Backoff()
        self.started_at = 0.0
        self.due_at = 0.0
        self.is_over = False

    def may_start(self) -> bool:
        """Whether it is time for a process."""
        idle = self.child is None and not self.is_over
        return idle and time.monotonic() >= self.due_at and self.role.may_start()


class Supervisor:
    """Starts the roles in their order and stops them in the reverse one. `run` belongs to the main thread."""

    def __init__(self, roles: Sequence[Role], output: Output) -> None:
        self._posts = [_Post(role) for role in roles]
        self._output = output
        self._selector = selectors.DefaultSelector()
        self._asked = 0  # how often it was told to stop

    def run(self) -> None:
        """Return once SIGINT, SIGTERM or SIGHUP came and all processes have ended; a second signal kills them."""
        with self._signals():
            try:
                while not self._asked:
                    self._start_due()
                    self._listen()
                    self._watch()
            finally:
                self._stop()

    def _start_due(self) -> None:
        for post in self._posts:
            if post.may_start():
                post.child = Child(post.role)
                post.started_at = time.monotonic()
                self._selector.register(post.child.output, selectors.EVENT_READ, post.role.name)
                self._output.say("system", f"{post.role.name} started (process {post.child.pid})")

    def _listen(self) -> None:
        for key, _ in self._selector.select(TICK_S):
            if isinstance(key.data, str):
                self._read(key)
            else:
                with suppress(BlockingIOError):
                    key.fileobj.recv(64)  # type: ignore[union-attr]  # the socket of the signals

    def _read(self, key: selectors.SelectorKey) -> None:
        data = key.fileobj.read1(65536)  # type: ignore[union-attr]  # a pipe
        self._output.feed(key.data, data)
        if not data:
            self._selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]

    def _watch(self) -> None:
        for post in self._posts:
            if post.child is None or (code := post.child.ended()) is None:
                continue
            if post.role.once and code == 0:
                post.child, post.is_over = None, True
                continue
            delay = post.backoff.delay(ran_for=time.monotonic() - post.started_at)
            post.child, post.due_at = None, time.monotonic() + delay
            self._output.say("system", f"{post.role.name} {_how(code)}; it starts again in {delay:g} s")

    def _stop(self) -> None:
        for post in reversed(self._posts):
            if post.child is not None:
                self._stop_child(post.child)
                post.child = None
        self._selector.close()

    def _stop_child(self, child: Child) -> None:
        self._output.say("system", f"stopping {child.role.name}")
        child.ask_to_stop()
        deadline = time.monotonic() + child.role.stop_seconds
        while (code := child.ended()) is None:
            if self._asked > 1 or time.monotonic() > deadline:
                child.kill()
            self._listen()
        self._listen()  # its last words
        if code:
            self._output.say("system", f"{child.role.name} {_how(code)}")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        self._selector.register(ours, selectors.EVENT_READ)
        former_fd = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        former = {signum: signal.signal(signum, self._told_to_stop) for signum in SIGNALS}
        try:
            yield
        finally:
            for signum, handler in former.items():
                signal.signal(signum, handler)
            signal.set_wakeup_fd(former_fd)
            ours.close()
            theirs.close()

    def _told_to_stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._asked += 1


def _how(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return "ended" if code == 0 else f"ended with status {code}"
