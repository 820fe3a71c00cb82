"""Trying a login, naming topics, and looking at what comes: each failure is a sentence that says what to do."""

import base64
import hashlib
import json
import socket
from collections.abc import Iterator

import pytest

from ingestion.sources.contract import DataType, Selection, SourceError, SourceRefused, SourceUnavailable
from ingestion.sources.mqtt import describing, session
from ingestion.sources.mqtt.messages import ABOUT
from ingestion.sources.proposal import propose
from tests.ingestion.sources.mqtt.conftest import KIND, listening, settings_of
from tests.ingestion.sources.mqtt.devices import LONG_S
from tests.mosquitto import Mosquitto, make_certificates
from tests.waiting import eventually

SECURE = """
allow_anonymous false
password_file {home}/passwords
cafile {home}/ca.crt
certfile {home}/broker.crt
keyfile {home}/broker.key
"""
GUARDED = """
allow_anonymous false
plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so
plugin_opt_config_file {home}/security.json
"""
ROLES = {
    "defaultACLAccess": {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True},
    "clients": [{
        "username": "reader", "roles": [{"rolename": "reader"}], "iterations": 101, "salt": "", "password": "",
    }],
    "roles": [{"rolename": "reader", "acls": [{"acltype": "subscribePattern", "topic": "sensors/#", "allow": True}]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def secure(tmp_path_factory) -> Iterator[Mosquitto]:
    home = tmp_path_factory.mktemp("secure")
    make_certificates(home)
    made = Mosquitto(
        home,
        SECURE,
        login={"username": "reader", "password": "reader's secret"},
        tls={"ca_certs": str(home / "ca.crt")},
    )
    made.set_password("reader", "reader's secret")
    yield made.start()
    made.kill()


def login(secure: Mosquitto, **changes: str) -> dict[str, str]:
    given = {
        "host": "localhost",
        "tls": "on",
        "ca": (secure.home / "ca.crt").read_text(),
        "user": "reader",
        "password": "reader's secret",
    }
    return settings_of(secure, "lock", **{**given, **changes})


def test_a_login_over_tls(secure):
    assert "MQTT 5, encrypted" in KIND.check(login(secure))
    assert "MQTT 3.1.1, encrypted" in KIND.check(login(secure, version="3.1.1"))
    with listening(login(secure)) as found:
        found.next()
        found.next()
        secure.publish([("lock/d", '{"n": 1}')])
        found.come(1)
    assert found.values("n") == [1]


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize(("changes", "why"), [
    ({"password": "wrong"}, "refused the user name or the password|does not let this user in"),
    ({"user": "", "password": ""}, "does not let this user in"),
    ({"ca": ""}, "no authority that is known here vouches for it"),
])  # fmt: skip
def test_a_login_that_does_not_work(secure, changes, why, version):
    with pytest.raises(SourceRefused, match=why) as refused:
        KIND.check(login(secure, version=version, **changes))
    assert "secret" not in str(refused.value)


def test_a_certificate_for_another_host(tmp_path):
    make_certificates(tmp_path, names=("DNS:elsewhere.example.com",))
    broker = Mosquitto(tmp_path, SECURE)
    broker.set_password("reader", "x")
    broker.start()
    with pytest.raises(SourceRefused, match="certificate was not accepted: Hostname mismatch"):
        KIND.check(login(broker))
    broker.kill()


def test_what_is_no_broker(broker, secure, monkeypatch):
    with pytest.raises(SourceUnavailable, match="Nothing answers at this host"):
        KIND.check(settings_of(broker, "nobody", port="1"))
    with pytest.raises(SourceUnavailable, match="host nowhere\\.invalid is not known"):
        KIND.check(settings_of(broker, "nobody", host="nowhere.invalid"))
    with pytest.raises(SourceError, match="port for TLS"):
        KIND.check(settings_of(broker, "nobody", tls="on"))
    with pytest.raises(SourceRefused, match="only this machine itself sees"):
        KIND.check(settings_of(broker, "nobody", host="169.254.169.254"))
    monkeypatch.setattr(session, "ANSWER_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        for tls in ("on", "off"):
            with pytest.raises(SourceUnavailable, match="did not answer in time"):
                KIND.check(settings_of(broker, "nobody", port=port, tls=tls))


def test_credentials_that_are_revoked_meanwhile(secure):
    secure.set_password("leaver", "x")
    secure.reload()
    settings = login(secure, user="leaver", password="x")
    eventually(lambda: _lets_in(settings), seconds=LONG_S)
    with listening(settings) as found:
        found.next()
        found.next()
        secure.set_password("leaver", "another")
        secure.reload()
        eventually(lambda: not _lets_in(settings), seconds=LONG_S)
    with (
        pytest.raises(SourceRefused, match="does not let this user in"),
        listening(settings, found.state) as after,
    ):
        after.next()


def _lets_in(settings: dict[str, str]) -> bool:
    try:
        KIND.check(settings)
    except SourceRefused:
        return False
    return True


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_topic_that_may_not_be_read(tmp_path, version):
    (tmp_path / "security.json").write_text(json.dumps(ROLES))
    broker = Mosquitto(tmp_path, GUARDED)
    _give_password(tmp_path)
    broker.start()
    given = {"user": "reader", "password": "secret", "version": version, "known_fields": "n: number"}
    KIND.describe(settings_of(broker, "guarded", topics="sensors/+/reading", **given), "readings")
    with pytest.raises(SourceRefused, match=r"^private/# cannot be listened to: .* may .*not read it"):
        KIND.describe(settings_of(broker, "guarded", topics="sensors/#\nprivate/#", **given), "readings")
    broker.kill()


def _give_password(home) -> None:
    salt = b"0123456789ab"
    digest = hashlib.pbkdf2_hmac("sha512", b"secret", salt, 101, 64)
    stored = json.loads((home / "security.json").read_text())
    stored["clients"][0] |= {
        "salt": base64.b64encode(salt).decode(),
        "password": base64.b64encode(digest).decode(),
    }
    (home / "security.json").write_text(json.dumps(stored))


def test_the_columns_are_those_of_the_first_messages(broker):
    readings = [
        {"temperature": 21, "at": "2026-01-05T10:20:00Z", "ok": True, "place": {"floor": 1}, "who": None},
        {"temperature": 21.5, "at": "2026-01-05T10:21:00Z", "ok": False, "who": "c7"},
    ]
    broker.publish(
        [(f"looked/d{number}/r", json.dumps(each)) for number, each in enumerate(readings)], retain=True
    )
    settings = settings_of(broker, "looked", topics="looked/+/r")
    info = KIND.describe(settings, "Readings")
    assert {column.name: column.type for column in info.columns[:5]} == {
        "temperature": DataType.NUMBER, "at": DataType.TIME, "ok": DataType.BOOLEAN, "place": DataType.JSON,
        "who": DataType.TEXT,
    }  # fmt: skip
    assert info.columns[5:] == ABOUT
    assert info.proposed["known_fields"].startswith("temperature: number\nat: time\n")
    assert propose(info).mapping == {
        "type": "track", "event": "Reading Recorded", "anonymous_id": "levels[1]", "timestamp": "at",
        "properties": {"temperature": "temperature", "ok": "ok", "place": "place", "who": "who"},
    }  # fmt: skip
    rows = KIND.sample(settings, Selection("Readings", info.columns, ()), rows=10)
    assert {row.values["topic"] for row in rows} == {"looked/d0/r", "looked/d1/r"}


def test_when_no_message_comes_the_fields_can_be_named(broker, monkeypatch):
    monkeypatch.setattr(describing, "WAIT_S", 0.2)
    settings = settings_of(broker, "quiet")
    assert KIND.describe(settings, "quiet").columns == ABOUT
    assert KIND.sample(settings, Selection("quiet", ABOUT, ()), rows=10) == []
    named = KIND.describe({**settings, "known_fields": "n: number"}, "quiet")
    assert named.columns[0].type is DataType.NUMBER


def test_looking_takes_nothing_from_whoever_listens(broker):
    settings = settings_of(broker, "beside")
    with listening(settings) as found:
        found.next()
        found.next()
        broker.publish([("beside/d", '{"n": 1}')], retain=True)
        KIND.check(settings)
        KIND.sample({**settings, "share": "group"}, Selection("readings", ABOUT, ()), rows=1)
        found.come(1)
    assert found.values("n") == [1]
