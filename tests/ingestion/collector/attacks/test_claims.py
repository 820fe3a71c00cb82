"""Attacks 13 to 17, by what a sender claims: lines of a log, an address, a key, a time, the id of another message."""

import subprocess
import sys
import uuid

import pytest

from tests.ingestion.collector.attacks.sending import track
from tests.ingestion.collector.serving import KEY, ROOT, add_source, basic
from tests.waiting import eventually


def test_attack_13_nothing_that_is_sent_can_forge_a_line_of_the_log(server):
    forged = "\r\nFORGED line"
    for number in range(3):
        server.post(
            "/v1/track",
            track(event=forged, userId=forged, messageId=f"{forged}{number}"),
            User_Agent="FORGED",
        )
        server.post("/v1/track", track(type=forged, event=None))
        server.post("/v1/track", forged.encode())
        server.request("POST", "/v1/track%0d%0aFORGED", b"{}", basic(KEY))
        server.request("GET", "/v1/projects/x%0d%0aFORGED/settings")
        server.request("GET", f"/pixel/v1/track?writeKey=%0d%0aFORGED{number}")
    assert "FORGED" not in server.log_text()


def test_attack_14_a_forged_forwarded_address_is_not_believed(server, log):
    sent = track()
    server.post("/v1/track", sent, X_Forwarded_For="1.2.3.4", X_Real_IP="1.2.3.4", Forwarded="for=1.2.3.4")
    assert log.event(sent["messageId"])["context"]["ip"] == "127.0.0.1"


def test_attack_14_behind_a_trusted_proxy_its_own_entry_counts(make_server, fresh_log):
    server = make_server(TRUSTED_PROXIES="127.0.0.1/32,10.0.0.0/8").start()
    cases = {
        "6.6.6.6, 203.0.113.9": "203.0.113.9",
        "6.6.6.6, 203.0.113.9, 10.1.2.3": "203.0.113.9",
        "203.0.113.9, nonsense": "127.0.0.1",
        "'; --, 10.1.2.3": "10.1.2.3",
        "2001:db8::1": "2001:db8::1",
    }
    for forwarded, address in cases.items():
        sent = track()
        assert server.post("/v1/track", sent, X_Forwarded_For=forwarded).status == 200
        assert fresh_log.event(sent["messageId"])["context"]["ip"] == address


def test_attack_15_a_disabled_key_is_refused_within_seconds(server, module_database):
    add_source(module_database.conninfo, "tired", "TIREDKEY1")
    assert server.post("/v1/track", track(), key="TIREDKEY1").status == 200
    with module_database.connect() as connection:
        connection.execute("UPDATE ingestion_writekey SET disabled_at = now() WHERE key = 'TIREDKEY1'")
    eventually(
        lambda: server.post("/v1/track", track(), key="TIREDKEY1").status, until=lambda status: status == 401
    )


def test_attack_15_keys_of_a_disabled_source_are_refused(server, module_database):
    source_id = add_source(module_database.conninfo, "gone", "GONEKEY11")
    assert server.post("/v1/track", track(), key="GONEKEY11").status == 200
    with module_database.connect() as connection:
        connection.execute("UPDATE ingestion_source SET disabled_at = now() WHERE id = %s", [source_id])
    eventually(
        lambda: server.post("/v1/track", track(), key="GONEKEY11").status, until=lambda status: status == 401
    )


def test_attack_15_a_foreign_key_speaks_for_its_own_source_only(server, log, module_database):
    own = add_source(module_database.conninfo, "other shop", "OTHERKEY1")
    claimed, both = track(source_id=1, sourceId=1), track(writeKey=KEY)
    server.post("/v1/track", claimed, key="OTHERKEY1")
    server.post("/v1/track", both, key="OTHERKEY1")
    assert [log.event(each["messageId"])["source_id"] for each in (claimed, both)] == [own, own]
    for unknown in ("NOBODYS1", "OTHERKEY1 ", "otherkey1", "OTHERKEY", "' OR 1=1"):
        assert server.post("/v1/track", track(), key=unknown).json["code"] == "invalid_write_key"


@pytest.mark.parametrize(
    "claimed",
    [
        "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
        "-0044-03-15T00:00:00Z", "0000-01-01", "2026-02-30T00:00:00Z", "soon", "", -1, -(10**15), 1e300, 2**70,
        True, [], {},
    ],
)  # fmt: skip
def test_attack_16_a_time_that_cannot_be_meant_is_the_time_of_arrival(server, log, claimed):
    sent = track(timestamp=claimed)
    assert server.post("/v1/track", sent).status == 200
    event = log.event(sent["messageId"])
    assert event["timestamp"] == event["received_at"]
    assert event["original_timestamp"] is not None


@pytest.mark.parametrize(
    "sent_at", ["2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
)
def test_attack_16_a_forged_sent_at_cannot_move_an_event_into_the_future(server, log, sent_at):
    for claimed in ("9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z", "2026-01-01T00:00:00Z"):
        sent = track(timestamp=claimed, sentAt=sent_at)
        assert server.post("/v1/track", sent).status == 200
        event = log.event(sent["messageId"])
        assert "1970-01-02" <= event["timestamp"] <= event["received_at"]


def test_attack_17_a_repeated_message_id_with_another_body_is_taken_and_told_apart_by_its_identity(
    server, log
):
    message_id, at = str(uuid.uuid4()), "2026-01-01T00:00:00Z"
    for total in (1, 2):
        sent = track(messageId=message_id, timestamp=at, properties={"total": total})
        assert server.post("/v1/track", sent).status == 200
    copies = [event for event in log.events() if event["message_id"] == message_id]
    assert [event["properties"]["total"] for event in copies] == [1, 2]
    # One identity: whoever applies the first drops the second (tests/streaming/runtime, message_seen).
    assert len({(event["source_id"], event["message_id"], event["client_time"]) for event in copies}) == 1


def test_attack_17_a_repeated_message_id_has_its_effect_once(server, module_database):
    """End to end: the builder applies the first copy and drops the second, whatever is in it."""
    message_id, at = f"repeated-{uuid.uuid4()}", "2026-01-02T00:00:00Z"
    for total in (1, 2, 3):
        sent = track(messageId=message_id, timestamp=at, userId="forger", properties={"total": total})
        assert server.post("/v1/track", sent).status == 200
    done = subprocess.run(
        [sys.executable, "manage.py", "run_consumers", "profiles", "--until-caught-up"],
        cwd=ROOT, env=server.environment, capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    with module_database.connect() as connection:
        timeline = connection.execute(
            "SELECT properties ->> 'total' FROM profiles_timeline WHERE message_id = %s", [message_id]
        ).fetchall()
    assert timeline == [("1",)]
