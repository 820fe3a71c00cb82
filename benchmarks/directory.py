"""How soon somebody who is disabled in the directory is out, and what a directory that is away does to sign-ins and pages.

    python -m benchmarks directory

A real OpenLDAP server over StartTLS, behind two addresses that are made bad: they refuse connections, or accept them and never
answer. LEAVERS says how many are disabled (`_leaving`), with worker and beat running. LOOKS says how many pages an open session of the
directory asks for each time, while SIGNING_IN others keep trying to sign in by it. The floor is the same with the directory up.
"""

import itertools
import os
import re
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import median

from benchmarks._installation import Installation
from benchmarks._leaving import LEAVERS, leaving
from benchmarks._waiting import PATIENCE_S
from benchmarks._web import PASSWORD, Watcher
from benchmarks.results import Figure
from tests.compliance.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD, Slapd
from tests.faults.proxy import HEALTHY, Proxy, Toxic

LOOKS = int(os.environ.get("LOOKS", "200"))
SIGNING_IN = int(os.environ.get("SIGNING_IN", "4"))
TIMES = int(os.environ.get("TIMES", "8"))
ANN, ANNS_PASSWORD = "ann", "ann-harbour-1"
AWAY = {"refused": Toxic(down=True), "silent": Toxic(timeout=True)}
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_strangers = itertools.count()  # a name each, so that none is locked out
Seconds = dict[str, list[float]]


def run() -> list[Figure]:
    """The directory as it should be, then refusing, then silent."""
    with (
        tempfile.TemporaryDirectory() as place,
        _server(Path(place)) as server,
        Proxy(server.port) as one,
        Proxy(server.port) as other,
    ):
        os.environ.update(_environment(server, [one.port, other.port]))
        with Installation() as installation:
            Watcher.invite(installation)
            installation.serve()
            left = leaving(installation, server, lambda name: _session(installation.port, name))
            found = _measured(installation.port, [one, other])
    up = found.pop("up")
    return [left, *(each for state, seconds in found.items() for each in _figures(state, seconds, up))]


def _measured(port: int, proxies: list[Proxy]) -> dict[str, Seconds]:
    ann = _session(port, ANN)
    found = {}
    for state, toxic in {"up": HEALTHY, **AWAY}.items():
        for proxy in proxies:
            proxy.be(toxic)
        slow = [_seconds(lambda: _stranger(port)) for _ in range(TIMES)]
        with _others(port):
            local = [_seconds(lambda: _local(port)) for _ in range(TIMES)]
            found[state] = {
                "directory": slow,
                "local": local,
                "pages": [_seconds(ann.looks) for _ in range(LOOKS)],
            }
    return found


def _figures(state: str, seconds: Seconds, up: Seconds) -> list[Figure]:
    slow, pages = seconds["directory"], sorted(seconds["pages"])
    whole = f"median {median(slow):.2f} s of {len(slow)}; with it up {max(up['directory']):.2f} s"
    p99 = f"p99 {pages[len(pages) * 99 // 100] * 1000:.0f} ms, with it up {sorted(up['pages'])[len(pages) * 99 // 100] * 1000:.0f} ms"
    return [
        Figure(f"directory {state}: slowest failing sign-in by it", max(slow), "s", "< 5", detail=whole),
        Figure(f"directory {state}: local sign-in", median(seconds["local"]), "s", floor=median(up["local"])),
        Figure(f"directory {state}: page of an open session", median(pages) * 1000, "ms",
            floor=median(up["pages"]) * 1000, detail=p99),
    ]  # fmt: skip


class Browser:
    """One browser with its cookies."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/admin/"
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def signs_in(self, name: str, password: str) -> bool:
        """Whether it gets in."""
        token = _TOKEN.search(self._ask("login/"))
        assert token is not None, "the page of sign-in has a form"
        typed = {
            "username": name,
            "password": password,
            "csrfmiddlewaretoken": token[1],
            "next": "/admin/inbox/",
        }
        request = urllib.request.Request(
            f"{self._url}login/", urllib.parse.urlencode(typed).encode(), {"Referer": f"{self._url}login/"}
        )
        with self._open(request, timeout=PATIENCE_S) as answer:
            return "login" not in answer.url

    def looks(self) -> None:
        """Open a page. Raises AssertionError when the session is over."""
        assert "csrfmiddlewaretoken" in self._ask("inbox/")

    def _ask(self, page: str) -> str:
        with self._open(f"{self._url}{page}", timeout=PATIENCE_S) as answer:
            assert answer.url == f"{self._url}{page}", f"{page} led to {answer.url}"
            text: str = answer.read().decode()
        return text


def _session(port: int, name: str) -> Browser:
    """A session of somebody of the directory."""
    browser = Browser(port)
    assert browser.signs_in(name, ANNS_PASSWORD), f"the directory lets {name} in"
    return browser


@contextmanager
def _others(port: int) -> Iterator[None]:
    """Others try to sign in by the directory, each again as soon as they were answered."""
    over = threading.Event()

    def keep_trying() -> None:
        while not over.is_set():
            _stranger(port)

    threads = [threading.Thread(target=keep_trying) for _ in range(SIGNING_IN)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE_S)


def _stranger(port: int) -> None:
    assert not Browser(port).signs_in(f"stranger-{next(_strangers)}", "no password of anybody")


def _local(port: int) -> None:
    assert Browser(port).signs_in("watcher", PASSWORD), "a local account signs in"


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _server(place: Path) -> Iterator[Slapd]:
    server = Slapd(place)
    server.begin()
    for name in (ANN, *(f"leaver-{number}" for number in range(LEAVERS))):
        server.add_person(name, ANNS_PASSWORD, ("harbour-analysts",))
    try:
        yield server
    finally:
        server.stop()


def _environment(server: Slapd, ports: list[int]) -> dict[str, str]:
    return {
        "LDAP_URL": ",".join(f"ldap://127.0.0.1:{port}" for port in ports), "LDAP_BIND_DN": READER,
        "LDAP_BIND_PASSWORD": READER_PASSWORD, "LDAP_USER_BASE": PEOPLE, "LDAP_GROUP_BASE": GROUPS,
        "LDAP_ROLES": "harbour-analysts=administrator", "LDAP_CA_FILE": server.cafile,
    }  # fmt: skip


if __name__ == "__main__":
    for figure in run():
        print(figure)
