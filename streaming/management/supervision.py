"""One child process per consumer: watched, restarted when one crashes, stopped together."""

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from types import FrameType

from streaming.domain.catching_up import wait_until_caught_up
from streaming.domain.running import new_worker
from streaming.runtime.stopping import ConsumerStopped

EXIT_STOPPED = 3
_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY_SECONDS = 1.0, 30.0, 60.0
_LOOK_SECONDS = 0.2
_GRACE_SECONDS = 60.0
_processes = multiprocessing.get_context("fork")  # before any thread, connection or client exists here
logger = logging.getLogger(__name__)


@contextmanager
def stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on SIGTERM and SIGINT."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        stop()

    former = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@dataclass(slots=True)
class _Child:
    """A consumer's process, and when it may start again."""

    name: str
    process: ForkProcess
    started_at: float = field(default_factory=time.monotonic)
    pause: float = _FIRST_PAUSE
    start_at: float | None = None


class Supervisor:
    """Runs consumers until told to stop, until all of them stopped by rule, or until they have caught up."""

    def __init__(self, names: Sequence[str], *, until_caught_up: bool) -> None:
        self._names = names
        self._until_caught_up = until_caught_up
        self._stopping = False
        self._stopped: list[str] = []
        self._watch: ForkProcess | None = None

    def run(self) -> list[str]:
        """Run. Returns the names of the consumers that stopped by rule; each has said why."""
        with stopping_on_signals(self._stop):
            children = [_Child(name, _start(_consume, name)) for name in self._names]
            if self._until_caught_up:
                self._watch = _start(_watch, list(self._names))
            while children and not self._stopping:
                wait([child.process.sentinel for child in children if child.start_at is None], _LOOK_SECONDS)
                children = [child for child in children if self._look_after(child)]
                self._look_at_watch()
            self._end(children)
        return self._stopped

    def _stop(self) -> None:
        self._stopping = True

    def _look_at_watch(self) -> None:
        if self._until_caught_up and (self._stopped or (self._watch and self._watch.exitcode == 0)):
            self._stopping = True

    def _look_after(self, child: _Child) -> bool:
        """Start the child again when it crashed; False when it is over for good."""
        if child.start_at is not None:
            if time.monotonic() >= child.start_at:
                child.process, child.start_at = _start(_consume, child.name), None
                child.started_at = time.monotonic()
            return True
        code = child.process.exitcode
        if code is None:
            return True
        if code == EXIT_STOPPED:
            self._stopped.append(child.name)
        if code in (EXIT_STOPPED, 0):
            return False
        has_run_well = time.monotonic() - child.started_at > _STEADY_SECONDS
        child.pause = _FIRST_PAUSE if has_run_well else min(child.pause * 2, _LONGEST_PAUSE)
        child.start_at = time.monotonic() + child.pause
        logger.error(
            "a consumer's process ended and is started again",
            extra={"consumer": child.name, "exit_code": code, "in_seconds": child.pause},
        )
        return True

    def _end(self, children: Sequence[_Child]) -> None:
        """Stop what runs, and wait for the batches in hand."""
        processes = [child.process for child in children] + ([self._watch] if self._watch else [])
        for process in processes:
            if process.exitcode is None:
                process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                logger.error("a process did not end and is killed", extra={"pid": process.pid})
                process.kill()
                process.join()
        self._stopped += [child.name for child in children if child.process.exitcode == EXIT_STOPPED]


def _start(target: Callable[..., None], argument: object) -> ForkProcess:
    process = _processes.Process(target=target, args=(argument, os.getpid()))
    process.start()
    return process


def consume(name: str, *, is_orphaned: Callable[[], bool] = lambda: False) -> None:
    """Run one consumer in this process until a signal. Raises ConsumerStopped."""
    worker = new_worker(name, is_orphaned=is_orphaned)
    with stopping_on_signals(worker.stop):
        worker.run()


def _consume(name: str, parent: int) -> None:
    try:
        consume(name, is_orphaned=lambda: os.getppid() != parent)
    except ConsumerStopped as stop:
        sys.stderr.write(f"{stop}\n")
        sys.exit(EXIT_STOPPED)


def _watch(names: list[str], parent: int) -> None:
    """Exit with 0 once the consumers have caught up."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def pause() -> bool:
        time.sleep(_LOOK_SECONDS)
        return os.getppid() == parent

    sys.exit(0 if wait_until_caught_up(names, pause=pause) else 1)
