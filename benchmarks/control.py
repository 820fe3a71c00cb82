"""What auditing and permissions cost the REST API: profiles are read with and without them, by short turns.

    python -m benchmarks control

As many connections as keep two cores busy, each asking again once it was answered, for one of 100,000 people at random. With:
each read asks what the token may, masks what it may not see, and commits a row of the audit trail before it is answered.
Without: none of that (benchmarks/_uncontrolled), on the same database, by a second server that rests meanwhile. `ROUNDS`
pairs of `SECONDS` each, the order of a pair changing: a machine whose pace changes from minute to minute is compared with itself.
"""

import os
import random
from statistics import median, quantiles

from benchmarks._installation import Installation, free_port
from benchmarks._web import web_seconds
from benchmarks._wrk import Counted, ask
from benchmarks.profile_api import seed
from benchmarks.results import Figure

PEOPLE = int(os.environ.get("PEOPLE", "100000"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "32"))
SECONDS = float(os.environ.get("SECONDS", "2"))
ROUNDS = int(os.environ.get("ROUNDS", "30"))
GOAL = ">= 0.9 of the throughput without"
_UNLIMITED = {"API_TOKEN_RATE": "1000000", "API_ADDRESS_RATE": "1000000"}  # or one token would meet its limit
_WITHOUT = {"DJANGO_SETTINGS_MODULE": "benchmarks._uncontrolled.settings"}
_WARM_UP_S = 3.0
_TOKENS = {
    "an administrator's token": ("--role", "administrator"),
    "a marketer's token, which sees some data masked and some not at all": ("--role", "marketer"),
}


Turn = tuple[float, float]  # requests a second, and microseconds of the web processes for one
Pair = tuple[Turn, Turn]  # with, and without


def run() -> list[Figure]:
    """Measure both ways by turns, for each token."""
    with Installation() as installation:
        seed(installation, PEOPLE)
        ports = [free_port() for _ in range(2)]
        for port, environment in zip(ports, ({}, _WITHOUT), strict=True):
            installation.serve(**_UNLIMITED, **environment, PORT=str(port))
        return [
            _figure(name, _pairs(ports, installation.manage("create_token", "b", *options)))
            for name, options in _TOKENS.items()
        ]


def _pairs(ports: list[int], token: str) -> list[Pair]:
    for port in ports:
        _ask(port, token, _WARM_UP_S)
    pairs = []
    for number in range(ROUNDS):
        order = ports if number % 2 else ports[::-1]
        turns = {port: _turn(port, token) for port in order}
        pairs.append((turns[ports[0]], turns[ports[1]]))
    return pairs


def _turn(port: int, token: str) -> Turn:
    before = web_seconds()
    counted = _ask(port, token, SECONDS)
    return counted.per_second, (web_seconds() - before) / counted.requests * 1e6


def _ask(port: int, token: str, seconds: float) -> Counted:
    chosen = random.Random(1)
    paths = [
        f"/api/v1/profiles/?identifier=user_id:u{chosen.randrange(1, PEOPLE + 1)}" for _ in range(20_000)
    ]
    counted = ask(
        f"http://localhost:{port}", paths, connections=CONNECTIONS, seconds=seconds,
        headers=[f"Authorization: Bearer {token}"],
    )  # fmt: skip
    if counted.wrong > 1 + counted.requests / 1000:  # a busy server may ask one to come again
        raise RuntimeError(f"{counted.wrong} of {counted.requests} requests were not answered with a profile")
    return counted


def _figure(name: str, pairs: list[Pair]) -> Figure:
    shares = [controlled[0] / without[0] for controlled, without in pairs]
    used = [controlled[1] / without[1] for controlled, without in pairs]
    least, _, most = quantiles(shares, n=4)
    return Figure(
        f"profiles read by {name}", median(controlled[0] for controlled, _ in pairs), "/s", GOAL,
        median(without[0] for _, without in pairs),
        f"median of {len(pairs)} pairs: {median(shares):.3f} of the throughput (a half of them {least:.2f} to {most:.2f}),"
        f" {median(used):.3f} of the web processes' time a request; {CONNECTIONS} connections, {PEOPLE:,} people",
    )  # fmt: skip


if __name__ == "__main__":
    for figure in run():
        print(figure)
