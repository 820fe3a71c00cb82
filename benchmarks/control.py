"""What auditing and permissions cost the REST API: profiles are read with and without them, by turns.

    python -m benchmarks control

As many connections as keep two cores busy, each asking again once it was answered, for one of 100,000 people at random. With:
each read asks what the token may, masks what it may not see, and commits a row of the audit trail before it is answered.
Without: none of that (benchmarks/_uncontrolled), on the same database and by the same server. `ROUNDS` pairs, `SECONDS` each.
"""

import os
import random
from statistics import median

from benchmarks._installation import Installation
from benchmarks._web import web_seconds
from benchmarks._wrk import Counted, ask
from benchmarks.profile_api import seed
from benchmarks.results import Figure

PEOPLE = int(os.environ.get("PEOPLE", "100000"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "32"))
SECONDS = float(os.environ.get("SECONDS", "8"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
GOAL = ">= 0.9 of the throughput without"
_UNLIMITED = {"API_TOKEN_RATE": "1000000", "API_ADDRESS_RATE": "1000000"}  # or one token would meet its limit
_WITHOUT = {"DJANGO_SETTINGS_MODULE": "benchmarks._uncontrolled.settings"}
_WARM_UP_S = 3.0
_TOKENS = {
    "an administrator's token": ("--role", "administrator"),
    "a marketer's token, which sees some data masked and some not at all": ("--role", "marketer"),
}


Turn = tuple[float, float]  # requests a second, and microseconds of the web processes for one


def run() -> list[Figure]:
    """Measure both ways by turns, for each token."""
    turns: dict[str, list[tuple[Turn, Turn]]] = {name: [] for name in _TOKENS}
    with Installation() as installation:
        seed(installation, PEOPLE)
        tokens = {
            name: installation.manage("create_token", "b", *options) for name, options in _TOKENS.items()
        }
        for _ in range(ROUNDS):
            found = [_turns(installation, tokens, environment) for environment in ({}, _WITHOUT)]
            for name in tokens:
                turns[name].append((found[0][name], found[1][name]))
    return [_figure(name, pairs) for name, pairs in turns.items()]


def _turns(
    installation: Installation, tokens: dict[str, str], environment: dict[str, str]
) -> dict[str, Turn]:
    with installation.serving(**_UNLIMITED, **environment):
        for token in tokens.values():
            _ask(installation, token, _WARM_UP_S)
        return {name: _turn(installation, token) for name, token in tokens.items()}


def _turn(installation: Installation, token: str) -> Turn:
    before = web_seconds()
    counted = _ask(installation, token, SECONDS)
    return counted.per_second, (web_seconds() - before) / counted.requests * 1e6


def _ask(installation: Installation, token: str, seconds: float) -> Counted:
    chosen = random.Random(1)
    paths = [
        f"/api/v1/profiles/?identifier=user_id:u{chosen.randrange(1, PEOPLE + 1)}" for _ in range(20_000)
    ]
    counted = ask(
        f"http://localhost:{installation.port}", paths, connections=CONNECTIONS, seconds=seconds,
        headers=[f"Authorization: Bearer {token}"],
    )  # fmt: skip
    if counted.wrong > counted.requests / 1000:  # a busy server may ask one to come again
        raise RuntimeError(f"{counted.wrong} of {counted.requests} requests were not answered with a profile")
    return counted


def _figure(name: str, pairs: list[tuple[Turn, Turn]]) -> Figure:
    shares = [controlled[0] / without[0] for controlled, without in pairs]
    used = [controlled[1] / without[1] for controlled, without in pairs]
    return Figure(
        f"profiles read by {name}", median(controlled[0] for controlled, _ in pairs), "/s", GOAL,
        median(without[0] for _, without in pairs),
        f"median of {len(pairs)} pairs: {median(shares):.3f} of the throughput ({min(shares):.2f} to {max(shares):.2f}),"
        f" {median(used):.3f} of the web processes' time a request; {CONNECTIONS} connections, {PEOPLE:,} people",
    )  # fmt: skip


if __name__ == "__main__":
    for figure in run():
        print(figure)
