"""The web server under measurement: its processor time, waiting for it, and members of staff who look at its pages."""

import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from typing import NamedTuple, Self

import psutil

from benchmarks._installation import Installation
from benchmarks._waiting import PATIENCE_S

PASSWORD = "a long pass of benchmarks 7"
_USER = f"""
from datetime import UTC, datetime
from compliance.access import Actor
from compliance.domain.users import create_staff
create_staff(
    username="watcher", password={PASSWORD!r}, role="administrator", by=Actor.system("benchmark"), now=datetime.now(UTC)
)
"""
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ASKED, _UNKNOWN = 16, 401
_ROW, _MARK = b"data-key=", re.compile(rb'data-after="(\d+)"')


def await_configuration(url: str) -> None:
    """Wait until all web processes have read what the collector must know anew: none says that a key is unknown before."""
    with ThreadPoolExecutor(_ASKED) as threads:  # as many connections as reach every process
        statuses = list(threads.map(_status, [f"{url}/v1/projects/NOBODYKNOWS/settings"] * _ASKED))
    assert set(statuses) == {_UNKNOWN}, f"the collector answers {statuses}"


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def web_seconds() -> float:
    """Processor seconds that the web processes which this process started have used so far."""
    return sum(_web_seconds_of(each) for each in psutil.Process().children(recursive=True))


def _web_seconds_of(process: psutil.Process) -> float:
    try:
        is_web = "granian" in " ".join(process.cmdline())
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # it ended meanwhile, as a look at the processes does
        return 0.0
    return float(times.user + times.system) if is_web else 0.0


class _Look(NamedTuple):
    """Where the next look goes on, in how many seconds, and how many rows this one brought."""

    mark: int
    pause: float
    rows: int


class Watcher:
    """A member of staff with the live page open: asks for new rows as the page's script does, each second or as it is told.

    `filters` are filled into the page's form. Use it as a context. `looks` and `rows` count what was answered; what was
    not answered with a page raises at the end.
    """

    def __init__(self, installation: Installation, filters: Mapping[str, str] | None = None) -> None:
        self._url = f"http://127.0.0.1:{installation.port}/admin/"
        self._filters = filters or {}
        self._query, self._next = "", _Look(0, 1.0, 0)
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._trouble: Exception | None = None
        self.looks = self.rows = 0

    @staticmethod
    def invite(installation: Installation) -> None:
        """Make the user as whom watchers sign in."""
        installation.manage("shell", "-c", _USER)

    def sign_in(self) -> Self:
        """Sign in, set the filters and open the page, before anything is measured."""
        signing_in = {"username": "watcher", "password": PASSWORD, "next": "/admin/"}
        assert "login" not in self._post("login/", signing_in), "the watcher could not sign in"
        if self._filters:
            self._query = urllib.parse.urlsplit(self._post("live/", self._filters)).query
            assert self._query, "the filters narrow the page"
        self._next = self._look(f"live/?{self._query}")
        return self

    def _post(self, page: str, fields: Mapping[str, str]) -> str:
        """Fill in the form of the page; return the address that it led to."""
        found = _TOKEN.search(self._ask(page).decode())
        assert found is not None, f"the page {page} has a form"
        filled = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": found[1]}).encode()
        request = urllib.request.Request(f"{self._url}{page}", filled, {"Referer": f"{self._url}{page}"})
        with self._browser.open(request, timeout=PATIENCE_S) as answer:
            address: str = answer.url
        return address

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopped.set()
        self._thread.join(PATIENCE_S)
        if self._trouble is not None:
            raise self._trouble

    def _watch(self) -> None:
        try:
            while not self._stopped.wait(self._next.pause):
                self._next = self._look(f"live/rows/?after={self._next.mark}&{self._query}")
                self.looks, self.rows = self.looks + 1, self.rows + self._next.rows
        except Exception as trouble:  # noqa: BLE001 -- told at the end, in the thread that measures
            self._trouble = trouble

    def _look(self, address: str) -> "_Look":
        with self._browser.open(f"{self._url}{address}", timeout=PATIENCE_S) as answer:
            content: bytes = answer.read()
        mark = _MARK.search(content)
        assert mark is not None, "the look says where it ended"
        return _Look(int(mark[1]), float(answer.headers.get("Retry-After", 1)), content.count(_ROW))

    def _ask(self, address: str) -> bytes:
        with self._browser.open(f"{self._url}{address}", timeout=PATIENCE_S) as answer:
            content: bytes = answer.read()
        return content
