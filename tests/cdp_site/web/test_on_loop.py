"""Reading a profile on the event loop: the same answers, checks and records as on a thread, which it takes when it has to."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections

from cdp_site.api.handler import TokenHandler, TokensApart, waits_for_little
from cdp_site.web import on_loop
from cdp_site.web.django_threads import DjangoThreads
from cdp_site.web.on_loop import OnLoop
from compliance.domain.tokens import create_token, revoke_token
from compliance.models import ApiToken, AuditEntry
from compliance.suppression import suppress
from profiles.domain.namespaces import forget_normalisers, read_identifier
from streaming.database import connect_as_django
from streaming.prepared import Elsewhere, run_prepared
from streaming.shared_session import SharedSession, Unavailable
from tests.cdp_site.web.test_django_threads import SCOPE, Conversation
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL, builder, jane, reads

__all__ = ["builder", "jane"]

LOOKUP = {"path": "/api/v1/profiles/", "query_string": b"identifier=user_id:42"}


class Application:
    """Django as the web server runs it. Remembers which threads it ran on, and closes their connections."""

    def __init__(self) -> None:
        self._application = TokensApart(WSGIHandler(), TokenHandler())
        self.threads: list[int] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.threads.append(threading.get_ident())
        try:
            answer: Iterable[bytes] = self._application(environ, start_response)
            return answer
        finally:
            if threading.current_thread() is not threading.main_thread():
                connections.close_all()


class Site:
    """Asks an application whose event loop answers what it can."""

    def __init__(self) -> None:
        _, self.secret = create_token(
            name="test", by=ALL, now=START, scopes=["people.view", "people.search"],
            categories=[category.value for category in ALL.categories],
        )  # fmt: skip
        read_identifier("user_id:42")  # as this process did before
        self.application = Application()

    def ask(self, *requests: dict[str, Any], secret: str = "") -> list[Conversation]:
        """Ask all of these at once."""
        return asyncio.run(self._ask(requests, secret or self.secret))

    async def _ask(self, requests: Iterable[dict[str, Any]], secret: str) -> list[Conversation]:
        reading, committing = (SharedSession(connect_as_django, name) for name in ("reads", "commits"))
        for session in (reading, committing):
            await opened(session)
        loop = OnLoop(waits_for_little, reads=reading, commits=committing)
        threads = DjangoThreads(self.application, threads=2, on_loop=loop)
        headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {secret}".encode())]
        conversations = [Conversation(b"") for _ in requests]
        try:
            await asyncio.gather(*(
                threads({**SCOPE, "method": "GET", "query_string": b"", "headers": headers, **request}, each.receive, each.send)
                for request, each in zip(requests, conversations, strict=True)
            ))  # fmt: skip
        finally:
            await threads.close()
        return conversations

    @property
    def on_loop(self) -> list[bool]:
        """Of each time that the application ran, whether the event loop ran it."""
        return [each == threading.get_ident() for each in self.application.threads]


async def opened(session: SharedSession) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await session.ask("SELECT 1", [])
            except Unavailable:  # it is not open yet
                await asyncio.sleep(0.01)  # the pause of a bounded wait
            else:
                return


@pytest.fixture
def site(jane) -> Site:
    del jane
    return Site()


def content(conversation: Conversation) -> Any:
    return orjson.loads(conversation.body)


def trail() -> list[tuple[str, str, int]]:
    return [each for each in reads() if each[0] == "test" and each[1].startswith("person.")]


def test_a_profile_is_read_without_a_thread_and_recorded(site, jane):
    by_identifier, by_id = site.ask(LOOKUP, {"path": f"/api/v1/profiles/{jane.public_id}/"})
    assert (by_identifier.status, by_id.status) == (200, 200)
    assert content(by_identifier)["results"] == [content(by_id)]
    assert content(by_id)["id"] == str(jane.public_id)
    assert sorted(trail()) == [("test", "person.lookup", 1), ("test", "person.read", 1)]
    assert site.on_loop == [True, True]
    assert connection.connection is None or not connection.in_atomic_block


def test_it_is_what_a_thread_answers(site, jane, monkeypatch):
    paths = [
        LOOKUP,
        {**LOOKUP, "query_string": b"identifier=user_id:nobody"},
        {"path": f"/api/v1/profiles/{uuid4()}/"},
    ]
    quick = site.ask(*paths)
    monkeypatch.setattr(on_loop, "AT_ONCE", 0)
    slow = site.ask(*paths)
    assert [each.status for each in quick] == [200, 200, 404]
    assert [each.sent for each in quick] == [each.sent for each in slow]
    assert site.on_loop.count(True) == 3
    assert sorted(trail()[:3]) == sorted(trail()[3:])


def test_reads_at_once_are_recorded_each(site):
    answers = site.ask(*[LOOKUP] * 30)
    assert {each.status for each in answers} == {200}
    assert trail() == [("test", "person.lookup", 1)] * 30
    assert len({row for (row,) in AuditEntry.objects.filter(action="person.lookup").values_list("id")}) == 30


def test_a_record_that_cannot_be_kept_fails_its_own_request_alone(site):
    narrow = Site()
    ApiToken.objects.filter(pk=ApiToken.objects.latest("pk").pk).update(name="odd")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE compliance_auditentry ADD CHECK (actor <> 'odd')")
    good = {
        **LOOKUP,
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {site.secret}".encode())],
    }
    odd = {
        **LOOKUP,
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {narrow.secret}".encode())],
    }
    answers = site.ask(good, odd, good)
    assert [each.status for each in answers] == [200, 500, 200]
    assert trail() == [("test", "person.lookup", 1)] * 2


def test_no_answer_leaves_before_its_record_is_committed(site, fresh_database):
    with fresh_database.connect() as other:
        other.execute("LOCK compliance_auditentry IN SHARE MODE")
        seen: list[bool] = []

        async def send(self, message):
            seen.append(recorded(fresh_database) > 0)
            self.sent.append(message)

        timer = threading.Timer(0.3, other.commit)
        timer.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Conversation, "send", send)
            [answer] = site.ask(LOOKUP)
        timer.join()
    assert answer.status == 200
    assert seen == [True, True]


def recorded(database) -> int:
    with database.connect() as other:
        row = other.execute(
            "SELECT count(*) FROM compliance_auditentry WHERE action = 'person.lookup'"
        ).fetchone()
        return int(row[0])


def test_a_revoked_token_is_refused_from_the_next_request_on(site):
    assert site.ask(LOOKUP)[0].status == 200
    revoke_token(token=ApiToken.objects.get(), by=ALL, now=START)
    assert site.ask(LOOKUP)[0].status == 401
    assert site.on_loop == [True, True]


def test_who_asks_too_often_waits_and_each_request_counts_once(site, monkeypatch):
    monkeypatch.setitem(settings.RATE_LIMITS, "token", (0.001, 3))
    forget_normalisers()  # so that the first is begun again on a thread after it was counted
    assert sorted(each.status for each in site.ask(LOOKUP)) == [200]
    assert site.on_loop == [True, False]
    assert sorted(each.status for each in site.ask(LOOKUP, LOOKUP, LOOKUP)) == [200, 200, 429]


def test_what_a_token_may_not_is_refused_and_recorded(site):
    _, secret = create_token(name="narrow", by=ALL, now=START, scopes=["people.view"])
    [answer] = site.ask(LOOKUP, secret=secret)
    assert answer.status == 403
    assert ("narrow", "access.denied", 0) in reads()


def test_what_is_begun_again_after_its_record_is_recorded_once(site):
    [answer] = site.ask({**LOOKUP, "query_string": b"identifier=user_id:nobody"})
    assert (answer.status, content(answer)["results"]) == (200, [])
    assert site.on_loop == [True, False]  # what several people have in common is looked for on a thread
    assert trail() == [("test", "person.lookup", 0)]


def test_an_erased_person_is_gone(site):
    erased = uuid4()
    suppress("profile_id", str(erased), by=ALL, now=START)
    [answer] = site.ask({"path": f"/api/v1/profiles/{erased}/"})
    assert answer.status == 410
    assert trail() == [("test", "person.read", 0)]


def test_problems_are_problems(site):
    contact, unknown = site.ask(
        {**LOOKUP, "query_string": b"identifier=email:jane@example.com"},
        {**LOOKUP, "query_string": b"identifier=user_id:42&shoe=38"},
    )
    assert (contact.status, unknown.status) == (400, 400)
    assert (b"content-type", b"application/problem+json") in contact.sent[0]["headers"]


@pytest.mark.parametrize(
    ("request_", "is_one"),
    [
        (LOOKUP, True),
        ({"path": "/api/v1/profiles/7f7101cf-304d-4444-894a-1c6101db9ea9/"}, True),
        ({"path": "/api/v1/profiles/7f7101cf-304d-4444-894a-1c6101db9ea9/events/"}, False),
        ({"path": "/api/v1/profiles/"}, False),
        ({**LOOKUP, "method": "HEAD"}, False),
        ({**LOOKUP, "authorization": ""}, False),
    ],
)
def test_only_reads_of_one_profile_with_a_token_are_meant(request_, is_one):
    environ = {
        "REQUEST_METHOD": request_.get("method", "GET"), "PATH_INFO": request_["path"],
        "QUERY_STRING": request_.get("query_string", b"").decode(),
        "HTTP_AUTHORIZATION": request_.get("authorization", "Bearer hw_x"),
    }  # fmt: skip
    assert waits_for_little(environ) is is_one


def run(work, reads: Any = None, commits: Any = None) -> Any:
    return asyncio.run(OnLoop(lambda _: True, reads=reads, commits=commits).run(work))


def test_djangos_own_connections_are_for_threads(fresh_database):
    with pytest.raises(Elsewhere):
        run(ApiToken.objects.count)


def test_without_a_session_it_is_for_threads(fresh_database):
    def connect():
        raise psycopg.OperationalError

    session = SharedSession(connect, "tests")
    with pytest.raises(Elsewhere):
        run(lambda: run_prepared("SELECT 1"), reads=session)


def test_errors_of_the_work_are_whose_work_it_is():
    def work():
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        run(work)


def test_others_go_on_while_one_waits():
    class Slow:
        def ask(self, query, parameters):
            del query, parameters
            return asyncio.sleep(0.05, [("slow",)])

    order: list[str] = []

    async def both() -> None:
        loop = OnLoop(lambda _: True, reads=Slow(), commits=Slow())  # type: ignore[arg-type]
        waiting = asyncio.create_task(loop.run(lambda: order.append(run_prepared("SELECT")[0][0])))
        await asyncio.sleep(0)
        await loop.run(lambda: order.append("quick"))
        await waiting

    asyncio.run(both())
    assert order == ["quick", "slow"]


def test_who_goes_away_ends_the_work():
    ended: list[str] = []

    class Never:
        def ask(self, query, parameters):
            del query, parameters
            return asyncio.get_running_loop().create_future()

    def work():
        try:
            run_prepared("SELECT")
        finally:
            ended.append("closed")

    async def leave() -> None:
        task = asyncio.create_task(OnLoop(lambda _: True, reads=Never(), commits=Never()).run(work))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert ended == ["closed"]
