"""Anchors reach files, HTTP addresses and syslog servers; where they do not, who may read the trail is told."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cdp_site.celery import app
from compliance.models import Notice, NoticeReceipt
from compliance.sealing.anchors import read_lines
from compliance.sealing.delivery import delivering, http
from compliance.sealing.delivery.delivering import deliver_anchor, shown
from compliance.sealing.delivery.places import is_off_host, own_files
from compliance.sealing.sealer import seal
from compliance.tasks import deliver_audit_anchor, deliver_audit_anchor_to
from tests.compliance.notices.conftest import make_staff
from tests.compliance.sealing.trail import look
from tests.smtp_sink import unused_port

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _jobs_run_here(monkeypatch):
    """What a job sends runs at once; a worker would wait before a job comes again, and do others meanwhile."""
    monkeypatch.setitem(app.conf, "task_always_eager", True)


@pytest.fixture
def trail(fresh_database):
    make_staff("ada", "administrator")
    look(3)
    return seal()


class Receiver(HTTPServer):
    """An HTTP address that answers as it is told and keeps what was posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        self.posted: list[tuple[str, str | None, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/anchors?of=us"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args) -> None:
        """Nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def deliver(settings, place: str, now: datetime = NOW) -> None:
    settings.AUDIT_ANCHORS, tried = [place], 0
    while deliver_anchor(0, tried=tried, now=now) is not None:
        tried += 1


def trouble() -> str:
    notice = Notice.objects.get(kind="audit_anchors", ended_at=None)
    return f"{notice.subject}: {notice.body}"


def test_a_file_gets_a_line_when_the_chain_grew(trail, settings, tmp_path):
    path = tmp_path / "new" / "anchors.jsonl"
    deliver(settings, f"file:{path}")
    deliver(settings, f"file:{path}", NOW + timedelta(minutes=1))
    look()
    seal()
    with path.open("a") as torn:
        torn.write('{"version":1,"inst')
    deliver(settings, f"file:{path}", NOW + timedelta(minutes=2))
    found = read_lines(path.read_text().splitlines())
    assert [(each.seq, each.count, each.at) for each in found.anchors] == [
        (3, 3, "2026-11-30T09:00:00+00:00"),
        (4, 4, "2026-11-30T09:02:00+00:00"),
    ]
    assert found.unreadable == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert own_files() == [path]
    assert not Notice.objects.exists()


def test_an_http_address_is_posted_to_with_the_token(trail, settings):
    settings.AUDIT_ANCHOR_TOKEN = "t0ken"
    with receiving() as server:
        deliver(settings, server.address)
    [(path, authorization, body)] = server.posted
    assert (path, authorization) == ("/anchors?of=us", "Bearer t0ken")
    assert json.loads(body)["seq"] == 3
    assert read_lines([body]).anchors


def test_an_http_address_is_tried_again_when_that_may_help(trail, settings):
    with receiving() as server:
        server.answers = [503, 429, 201]
        deliver(settings, server.address)
        assert len(server.posted) == 3
        assert not Notice.objects.exists()
        server.answers = [403]
        deliver(settings, server.address)
        assert len(server.posted) == 4
    assert "It answered 403" in trouble()


def test_nothing_is_followed_elsewhere(trail, settings):
    with receiving() as server:
        server.answers = [302]
        deliver(settings, server.address)
    assert [path for path, _, _ in server.posted] == ["/anchors?of=us"]
    assert "It answered 302" in trouble()


def test_an_address_that_only_this_machine_sees_is_not_spoken_to(trail, settings):
    deliver(settings, "http://169.254.169.254/latest/meta-data?secret=s3")
    assert "only this machine itself sees" in trouble()
    assert "s3" not in trouble()


def test_one_that_is_silent_is_given_up(trail, settings, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        deliver(settings, f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert "did not answer within" in trouble()


def test_one_that_never_ends_its_answer_is_given_up(trail, settings, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_S", 0.4)
    ended = threading.Event()

    def drip(server: socket.socket) -> None:
        server.settimeout(5)
        for _ in range(3):
            with server.accept()[0] as way:
                while not ended.wait(0.05):
                    try:
                        way.sendall(b"H")
                    except OSError:
                        break

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        deliver(settings, f"http://127.0.0.1:{server.getsockname()[1]}/")
        ended.set()
        thread.join()
    assert "did not answer within" in trouble()


@pytest.mark.parametrize("scheme", ["syslog", "syslog+tcp"])
def test_a_syslog_server_gets_a_message(trail, settings, scheme):
    kind = socket.SOCK_DGRAM if scheme == "syslog" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as server:
        server.settimeout(10)
        server.bind(("127.0.0.1", 0))
        if scheme == "syslog+tcp":
            server.listen()
        deliver(settings, f"{scheme}://127.0.0.1:{server.getsockname()[1]}")
        if scheme == "syslog":
            message = server.recv(4000)
        else:
            with server.accept()[0] as way:
                length, _, message = b"".join(iter(lambda: way.recv(4000), b"")).partition(b" ")
                assert int(length) == len(message)
    header, _, content = message.decode().partition(" - {")
    priority, at, host, program, _, kind_of_message = header.split(" ")
    assert (priority, host, program, kind_of_message) == (
        "<109>1", settings.HOST_NAME, "headwater", "audit-anchor",
    )  # fmt: skip
    assert datetime.fromisoformat(at).tzinfo is not None
    assert [each.seq for each in read_lines([message.decode()]).anchors] == [3]
    assert content


def test_trouble_is_told_once_and_so_is_its_end(trail, settings):
    port = unused_port()
    for minute in range(3):
        deliver(settings, f"syslog+tcp://127.0.0.1:{port}", NOW + timedelta(minutes=minute))
    assert NoticeReceipt.objects.filter(user__username="ada").count() == 1
    assert f"do not reach syslog+tcp://127.0.0.1:{port}" in trouble()
    with socket.create_server(("127.0.0.1", port)):
        deliver(settings, f"syslog+tcp://127.0.0.1:{port}", NOW + timedelta(minutes=4))
    assert Notice.objects.get().ended_at is not None


def test_a_job_for_each_place_comes_again_and_holds_no_thread_meanwhile(trail, settings, monkeypatch):
    pauses = []
    retry = deliver_audit_anchor_to.retry

    def kept(**options):
        pauses.append(options["countdown"])
        return retry(**options)

    monkeypatch.setattr(deliver_audit_anchor_to, "retry", kept)
    with receiving() as well, receiving() as ill:
        ill.answers = [503, 429, 200]
        settings.AUDIT_ANCHORS = [ill.address, well.address]
        began = time.monotonic()
        deliver_audit_anchor()
        assert time.monotonic() - began < sum(pauses) == sum(delivering.PAUSES_S)
    assert (len(ill.posted), len(well.posted)) == (3, 1)
    assert not Notice.objects.exists()


def test_after_the_last_try_it_is_told(trail, settings):
    with receiving() as server:
        server.answers = [503] * 9
        settings.AUDIT_ANCHORS = [server.address]
        deliver_audit_anchor()
        assert len(server.posted) == 1 + len(delivering.PAUSES_S)
    assert "It answered 503" in trouble()


def test_a_place_that_is_no_longer_there_is_left_out(trail, settings):
    settings.AUDIT_ANCHORS = []
    deliver_audit_anchor_to(place=0)
    assert not Notice.objects.exists()


def test_one_place_in_trouble_keeps_no_other_from_its_anchor(trail, settings, tmp_path):
    settings.AUDIT_ANCHORS = ["file:/proc/none/anchors", f"file:{tmp_path}/anchors"]
    deliver_audit_anchor()
    assert "The file cannot be written" in trouble()
    assert (tmp_path / "anchors").exists()


def test_nothing_is_said_of_an_empty_trail(fresh_database, settings, tmp_path):
    deliver(settings, f"file:{tmp_path}/anchors")
    assert not (tmp_path / "anchors").exists()


def test_what_is_shown_of_a_place_holds_no_secret(settings):
    assert shown("https://anchors.example.com/s3cret?key=s3cret") == "https://anchors.example.com"
    assert shown("file:/srv/anchors") == "file:/srv/anchors"
    assert is_off_host("https://anchors.example.com/")
    assert is_off_host("file:/srv/anchors")
    assert not is_off_host(f"file:{settings.HEADWATER_HOME}/anchors/audit.jsonl")
