"""The running web server beside the collector: health, metrics, static files, headers, and a database that goes away."""

import re

import httpx
import psycopg
import pytest

from tests.conftest import Database
from tests.ingestion.collector.conftest import make_server, module_database, server
from tests.ingestion.collector.serving import Server
from tests.waiting import eventually

__all__ = ["make_server", "module_database", "server"]


def test_it_is_alive_and_ready(server):
    assert server.request("GET", "/health/live").json == {"status": "ok"}
    health = server.request("GET", "/health/ready")
    assert health.status == 200
    assert health.json["status"] == "ok"
    assert set(health.json["checks"]) == {"database", "event_log", "spool", "configuration"}
    assert health.headers["cache-control"] == "no-store"


def test_without_its_database_it_is_not_ready_and_says_nothing_secret(tmp_path):
    secret = "hidden7secret"
    server = Server({"DATABASE_URL": f"postgres://me:{secret}@127.0.0.1:1/none", "PATH": ""}, tmp_path)
    try:
        server.start(wait=False)
        eventually(lambda: "health" not in server.log_text() and answers(server, 503), seconds=60)
        health = server.request("GET", "/health/ready")
        assert health.json["status"] == "unavailable"
        assert health.json["checks"]["database"] == "does not answer"
        assert secret not in health.body.decode()
        assert server.request("GET", "/health/live").status == 200
        assert "headwater_database_up 0.0" in server.request("GET", "/metrics").body.decode()
    finally:
        server.stop()


def answers(server: Server, status: int) -> bool:
    try:
        return server.request("GET", "/health/ready").status == status
    except OSError:
        return False


def test_metrics_say_what_was_collected_and_what_the_consumers_do(server):
    server.post("/v1/track", {"userId": "u", "event": "Measured"})

    def events() -> float:
        page = server.request("GET", "/metrics").body.decode()
        found = re.search(r'^headwater_collector_events_total\{result="accepted"\} (\S+)', page, re.MULTILINE)
        return float(found[1]) if found else 0.0

    eventually(lambda: events() >= 1)
    page = server.request("GET", "/metrics").body.decode()
    assert "headwater_database_up 1.0" in page
    assert 'headwater_consumer_lag_records{consumer="profiles"}' in page
    assert "headwater_profiles_applied_events" in page


def test_pages_are_counted(server):
    server.request("GET", "/admin/login/")
    counted = 'headwater_http_requests_total{method="GET",status="200"}'
    eventually(lambda: counted in server.request("GET", "/metrics").body.decode())


def test_static_files_come_from_the_packages(server):
    answer = server.request("GET", "/static/unfold/css/styles.css")
    assert answer.status == 200
    assert "css" in answer.headers["content-type"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/profiles/lookup/", 413),
        ("/v1/batch", 413),
        ("/v1/hooks/unknown", 404),
        ("/v1/nowhere", 404),
        ("/v1/projects/unknown/settings", 404),
    ],
)
def test_who_is_answered_before_the_whole_body_came_loses_no_later_request(server, path, status):
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for _ in range(10):
            answer = client.post(path, content=b"x" * 12_000_000)
            assert (answer.status_code, answer.headers["connection"]) == (status, "close")
            assert client.post("/v1/track", json={}).status_code == 401


@pytest.mark.parametrize("path", ["/admin/login/", "/nowhere/"])
def test_no_page_may_run_inline_scripts_or_evaluate(server, path):
    policy = server.request("GET", path).headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src "))
    assert scripts == "script-src 'self'"
    assert "frame-ancestors 'none'" in policy


def test_a_foreign_host_name_is_refused(server):
    assert server.request("GET", "/admin/login/", headers={"Host": "evil.example"}).status == 400


def test_health_answers_under_any_host_name(server):
    for path in ("/health/live", "/health/ready"):
        assert server.request("GET", path, headers={"Host": "web:8000"}).status == 200


@pytest.mark.parametrize("headers", [{"Host": "web:8000"}, {"X-Forwarded-For": "127.0.0.1"}])
def test_figures_are_told_on_the_machine_alone(server, headers):
    refused = server.request("GET", "/metrics", headers=headers)
    assert refused.status == 404
    assert b"METRICS_TOKEN" in refused.body
    assert b"headwater_" not in refused.body


def test_head_has_no_body(server):
    answer = server.request("HEAD", "/health/ready")
    assert (answer.status, answer.body) == (200, b"")


def test_while_the_database_is_away_it_stays_ready_because_the_spool_takes_events(
    make_server, fresh_database
):
    server = make_server().start()
    with psycopg.connect(Database("postgres").conninfo, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {fresh_database.name} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [fresh_database.name]
        )
        eventually(lambda: server.request("GET", "/health/ready").json["status"] == "degraded")
        health = server.request("GET", "/health/ready")
        assert (health.status, health.json["checks"]["spool"]) == (200, "ok")
        assert server.post("/v1/track", {"userId": "u", "event": "Kept"}).status == 200
        assert "headwater_database_up 0.0" in server.request("GET", "/metrics").body.decode()
        admin.execute(f"ALTER DATABASE {fresh_database.name} ALLOW_CONNECTIONS true")
    eventually(lambda: server.request("GET", "/health/ready").json["status"] == "ok", seconds=60)
