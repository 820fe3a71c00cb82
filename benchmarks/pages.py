"""Each screen of the navigation at a million profiles: how long the server takes for it, one after another."""

import os
import statistics
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

from benchmarks._installation import Installation
from benchmarks.profile_api import seed
from benchmarks.results import Figure

PEOPLE = int(os.environ.get("PAGES_PEOPLE", "1000000"))
TIMES = 5
GOAL_MS = 300
_SESSION = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import RequestFactory
from django.utils import timezone
from cdp_site.navigation import navigation
from compliance.access import Actor
from compliance.domain.users import create_staff
user = create_staff(username="bench", password="a long pass of benches 7", role="administrator",
    by=Actor.system("benchmark"), now=timezone.now())
session = import_module(settings.SESSION_ENGINE).SessionStore()
session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
    HASH_SESSION_KEY: user.get_session_auth_hash()})
session.create()
request = RequestFactory().get("/admin/")
request.user = user
print(session.session_key)
for group in navigation(request):
    for item in group["items"]:
        print(item["link"], item["title"], sep="\\t")
"""


def run() -> list[Figure]:
    """Seed, serve, and ask for each screen several times; the median counts, the first time is told beside it."""
    with Installation() as installation:
        seed(installation, people=PEOPLE)
        cookie, screens = _signed_in(installation)
        person = _a_person(installation)
        installation.serve()
        screens += [(f"/admin/people/{person}/", "Person"), ("/admin/inbox/", "Inbox")]
        floor = _median(installation.port, "/admin/welcome/", cookie)[0]
        return [_figure(title, *_median(installation.port, path, cookie), floor) for path, title in screens]


def _figure(title: str, median: float, first: float, floor: float) -> Figure:
    return Figure(
        f"page {title}", median, "ms", goal=f"< {GOAL_MS}", floor=floor,
        detail=f"{PEOPLE:,} people; the first time {first:.0f} ms; floor: a page without data",
    )  # fmt: skip


def _signed_in(installation: Installation) -> tuple[str, list[tuple[str, str]]]:
    printed = installation.manage("shell", "--no-imports", "-c", _SESSION)
    key, *lines = printed.splitlines()
    screens = [line.split("\t") for line in lines]
    return urlencode({"sessionid": key}), [(path, title) for path, title in screens]


def _a_person(installation: Installation) -> str:
    with installation.connect() as connection:
        row = connection.execute("SELECT public_id FROM profiles_profile WHERE id = 7").fetchone()
    assert row is not None
    return str(row[0])


def _median(port: int, path: str, cookie: str) -> tuple[float, float]:
    """The median of `TIMES` and the time before them, in milliseconds. Raises RuntimeError for any other answer than 200."""
    first, *rest = [_once(port, path, cookie) for _ in range(TIMES + 1)]
    return statistics.median(rest), first


def _once(port: int, path: str, cookie: str) -> float:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie, "Host": f"localhost:{port}"})
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - began) * 1000
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}")
    return took


if __name__ == "__main__":
    for figure in run():
        print(figure)
