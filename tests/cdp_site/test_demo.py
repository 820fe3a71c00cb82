"""`make demo` as its user meets it: ready, logged in, killed piece by piece, stopped, started again."""

import json
import os
import re
import signal
import socket
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cdp_site.postgres.loopback import free_port
from cdp_site.postgres.server import EmbeddedPostgres
from tests.cdp_site.running import Running, is_alive
from tests.ingestion.collector.serving import basic
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
ROLES = ("web", "consumers", "worker", "sources", "beat")


@pytest.fixture(scope="module")
def demo(module_home) -> Iterator[Running]:
    """A running demo without example traffic, on a new home."""
    demo = Running(module_home, free_port(), "demo", DEMO_TRAFFIC="0")
    try:
        eventually(demo.is_ready, seconds=120)
        yield demo
    finally:
        demo.end()


def send(demo: Running, user: str) -> None:
    body = json.dumps({"userId": user, "event": "Order Completed", "properties": {"total": 5}}).encode()
    answer = demo.request("POST", "/v1/track", body, basic(demo.access["write_key"]))
    assert answer.status == 200, answer.body


def person(demo: Running, user: str) -> bool:
    token = {"Authorization": f"Bearer {demo.access['api_token']}"}
    answer = demo.get(f"/api/v1/profiles/?identifier=user_id:{user}", **token)
    return answer.status == 200 and bool(json.loads(answer.body)["results"])


def becomes_a_person(demo: Running) -> None:
    """An event that is sent now is soon a profile, and the look at it is soon sealed: all processes do their part."""
    user = f"u-{uuid.uuid4().hex}"
    send(demo, user)
    eventually(lambda: person(demo, user), seconds=90)
    eventually(lambda: all_is_sealed(demo), seconds=90)


def all_is_sealed(demo: Running) -> bool:
    settings = EmbeddedPostgres(demo.home).connection_settings()
    with psycopg.connect(**settings) as connection:
        waiting = connection.execute(
            "SELECT count(*) FROM compliance_auditentry WHERE sealed_hash IS NULL"
        ).fetchone()
    return waiting == (0,)


def sign_in(demo: Running, role: str) -> int:
    login = demo.access["users"][role]
    page = demo.get("/admin/login/")
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page.body.decode())
    assert token is not None
    cookie = page.headers["set-cookie"].strip().split(";")[0]
    body = f"csrfmiddlewaretoken={token[1]}&username={login['username']}&password={login['password']}&next=/admin/"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    return demo.request("POST", "/admin/login/", body.encode(), headers).status


def postmaster(demo: Running) -> int | None:
    return EmbeddedPostgres(demo.home)._postmaster()


def test_access_json_says_how_to_get_in(demo):
    access = demo.access
    assert set(access) == {"url", "write_key", "api_token", "users"}
    assert access["url"] == f"http://localhost:{demo.port}"
    assert {role: set(login) for role, login in access["users"].items()} == {
        "administrator": {"username", "password"},
        "marketer": {"username", "password"},
    }
    assert stat.S_IMODE((demo.home / "access.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("role", ["administrator", "marketer"])
def test_its_users_can_sign_in(demo, role):
    assert sign_in(demo, role) == 302


def test_what_it_prints_is_enough_to_begin(demo):
    access = demo.access
    for shown in (access["write_key"], access["api_token"], access["users"]["administrator"]["password"]):
        assert shown in demo.text


def test_an_event_becomes_a_person(demo):
    becomes_a_person(demo)


def test_the_token_may_do_what_an_administrator_may(demo):
    token = {"Authorization": f"Bearer {demo.access['api_token']}"}
    for path in ("/api/v1/sources/", "/api/v1/topics/", "/api/v1/dead-letters/"):
        assert demo.get(path, **token).status == 200


def test_a_second_demo_on_the_home_is_refused(demo, run):
    second = run("demo", home=demo.home, DEMO_TRAFFIC="0")
    assert second.process.wait(60) != 0
    assert f"process {demo.process.pid} already runs the demo" in second.text
    assert "set HEADWATER_HOME" in second.text
    assert demo.answers()


def test_commands_use_the_server_that_runs(demo, run):
    doctor = run("doctor", home=demo.home)
    assert doctor.process.wait(60) == 0, doctor.text
    assert demo.answers()
    becomes_a_person(demo)


@pytest.mark.parametrize("role", ROLES)
def test_each_process_may_be_killed(demo, role):
    before = demo.pids(role)
    os.kill(before[-1], signal.SIGKILL)
    eventually(lambda: len(demo.pids(role)) > len(before), seconds=60)
    eventually(demo.answers, seconds=60)
    becomes_a_person(demo)


def test_a_worker_of_the_web_server_may_be_killed(demo):
    server = demo.pids("web")[-1]
    children = Path(f"/proc/{server}/task/{server}/children")
    first = int(children.read_text().split()[0])
    os.kill(first, signal.SIGKILL)
    eventually(lambda: str(first) not in children.read_text().split() and children.read_text())
    eventually(demo.answers, seconds=60)
    becomes_a_person(demo)


def test_postgresql_may_be_killed(demo):
    killed = postmaster(demo)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    user = f"u-{uuid.uuid4().hex}"
    send(demo, user)  # goes to the spool while the log is away
    eventually(lambda: postmaster(demo) not in (None, killed), seconds=60)
    eventually(lambda: person(demo, user), seconds=120)
    becomes_a_person(demo)


def test_it_stops_whole_and_the_next_one_goes_on(new_home, run):
    first = run("demo", home=new_home, DEMO_TRAFFIC="0")
    eventually(first.is_ready, seconds=120)
    running = [first.pids(role)[-1] for role in ROLES]
    server = postmaster(first)
    user = f"u-{uuid.uuid4().hex}"
    send(first, user)

    assert first.stop() == 0

    assert server is not None
    assert not any(is_alive(pid) for pid in [*running, server])
    first.output.unlink()
    again = run("demo", home=new_home, port=first.port, DEMO_TRAFFIC="0")
    eventually(again.is_ready, seconds=120)
    assert again.access == first.access
    eventually(lambda: person(again, user), seconds=60)
    again.process.kill()
    eventually(lambda: postmaster(again) is None, seconds=60)
    eventually(lambda: not any(is_alive(again.pids(role)[-1]) for role in ROLES))


def test_a_port_that_is_taken_is_named(new_home, run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("demo", home=new_home, port=port, DEMO_TRAFFIC="0")
        assert refused.process.wait(60) != 0
    assert f"port {port} of 127.0.0.1 cannot be used" in refused.text
    assert "set PORT" in refused.text


def test_it_uses_a_database_that_it_is_given(fresh_database, new_home, run):
    demo = run("demo", home=new_home, DEMO_TRAFFIC="0", DATABASE_URL=fresh_database.url)
    eventually(demo.is_ready, seconds=120)
    assert not (new_home / "postgres").exists()
    with psycopg.connect(fresh_database.conninfo) as connection:
        users = connection.execute("SELECT count(*) FROM compliance_user").fetchone()
    assert users == (2,)
    user = f"u-{uuid.uuid4().hex}"
    send(demo, user)
    eventually(lambda: person(demo, user), seconds=90)
    assert demo.stop() == 0
