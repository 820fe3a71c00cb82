"""Eight processes that build people. It imports Django for itself: it is started by itself, and once for all of them."""

import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

import django
import psycopg
from django.apps import apps

TRIES = 1000
PATIENCE_S = 200.0  # of a machine that is busy with other tests


class Told(NamedTuple):
    """What a process says at its end: how many batches it committed, with how many further tries, and what failed."""

    committed: int
    retries: int
    rejected: int
    failure: str


def lead(database: str, shares: Sequence[list[list[Any]]], tell: Connection) -> None:
    """In a process of its own: start one process for each share of batches, and tell what all of them say."""
    if not apps.ready:
        django.setup(set_prefix=False)
    import tests.profiles.builder.driver  # noqa: F401 -- here, and not in each process

    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(len(shares))
    ears, processes = [], []
    for share in shares:
        ear, mouth = fork.Pipe(duplex=False)
        processes.append(fork.Process(target=build, args=(database, share, start, mouth), daemon=True))
        ears.append(ear)
    for process in processes:
        process.start()
    tell.send([ear.recv() if ear.poll(PATIENCE_S) else Told(0, 0, 0, "said nothing") for ear in ears])
    for process in processes:
        process.join(PATIENCE_S)


def build(database: str, batches: list[list[Any]], start: Barrier, tell: Connection) -> None:
    """Send each batch of records until it is committed, as the runtime does."""
    from streaming.runtime.consumer import MessageRejected
    from tests.conftest import Database
    from tests.profiles.builder.driver import Driver

    driver = Driver(Database(database))
    committed, retries, failure = 0, 0, ""
    try:
        start.wait(PATIENCE_S)
        while committed < len(batches) and retries < TRIES:
            try:
                driver.process(batches[committed])
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, MessageRejected):
                retries += 1
            else:
                committed += 1
    except Exception as error:  # noqa: BLE001 -- the test tells it, whatever it is
        failure = repr(error)
    finally:
        driver.close()
    tell.send(Told(committed, retries, len(driver.rejected), failure))
