"""A source that sends more than its limit is told to wait, by all web processes together, and loses nothing."""

from tests.ingestion.collector.serving import Server
from tests.waiting import eventually


def _event(message_id: str) -> dict[str, str]:
    return {"userId": "u", "event": "Order Completed", "messageId": message_id}


def test_a_source_waits_whatever_key_address_or_process_it_sends_to(make_server, fresh_log):
    server: Server = make_server(SOURCE_EVENT_RATE="1")
    beside: Server = make_server(server.home, SOURCE_EVENT_RATE="1")
    server.start()
    beside.start()
    server.post("/v1/batch", {"batch": [{**_event(f"b{n}"), "type": "track"} for n in range(600)]})
    for each, path in (
        (server, "/v1/track"),
        (beside, "/v1/track"),
        (server, "/v1/t"),
        (beside, "/v1/track/"),
    ):
        refused = each.post(path, _event("late"), x_forwarded_for="203.0.113.9")
        assert refused.status == 429
        assert refused.json["code"] == "too_many_requests"
        assert 500 < int(refused.headers["retry-after"]) < 700
        assert refused.headers["access-control-allow-origin"] == "*"
    assert eventually(lambda: len(fresh_log.message_ids()) == 600, seconds=30), "a batch passes whole"
    assert server.request("GET", "/v1/projects/WRITEKEY1/settings").status == 200
