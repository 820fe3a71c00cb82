"""How long somebody who is disabled in the directory is still in, with web server, worker and beat as they are shipped."""

import os
import time
import urllib.error
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Protocol

from benchmarks._installation import Installation
from benchmarks._waiting import until
from benchmarks.results import Figure
from tests.compliance.slapd import FOR_GOOD, PEOPLE, Slapd

LEAVERS = int(os.environ.get("LEAVERS", "4"))  # five at once, more than half of all, would not be believed
PERIOD_S = 45  # between two runs, when nothing else is set
GOAL_S = 90
PATIENCE_S = 240.0


class Open(Protocol):
    """A session that somebody has."""

    def looks(self) -> None: ...


def leaving(installation: Installation, server: Slapd, sign_in: Callable[[str], Open]) -> Figure:
    """Disable LEAVERS one after another, spread over a period; what the slowest of them took."""
    people = {f"leaver-{number}": number for number in range(LEAVERS)}
    sessions = {name: sign_in(name) for name in people}
    with installation.working(), ThreadPoolExecutor(LEAVERS) as pool:
        _followed_once(installation)
        took = sorted(
            pool.map(
                lambda name: _out_after(server, name, sessions[name], PERIOD_S * people[name] / LEAVERS),
                people,
            )
        )
    detail = f"median {median(took):.1f} s of {len(took)}, disabled at moments spread over a period of {PERIOD_S} s"
    return Figure("directory: disabled there, out here", max(took), "s", f"< {GOAL_S}", detail=detail)


def _followed_once(installation: Installation) -> None:
    """Wait for the first run, so that no start of a process is measured."""
    followed = "SELECT 1 FROM compliance_directorysync WHERE succeeded_at IS NOT NULL"
    with installation.connect() as session:
        until(
            lambda: session.execute(followed).fetchone(), "the directory was followed", patience_s=PATIENCE_S
        )


def _out_after(server: Slapd, name: str, session: Open, wait_s: float) -> float:
    """Seconds from the moment the directory says that they are disabled to the first page that they do not get."""
    # No wait for a condition: the moment within a period at which this one is disabled is what is measured.
    time.sleep(wait_s)
    server.change(f"uid={name},{PEOPLE}", f"add: pwdAccountLockedTime\npwdAccountLockedTime: {FOR_GOOD}")
    began = time.monotonic()
    until(lambda: _is_out(session), f"{name} is out", patience_s=PATIENCE_S)
    return time.monotonic() - began


def _is_out(session: Open) -> bool:
    try:
        session.looks()
    except (AssertionError, urllib.error.HTTPError):
        return True
    return False
