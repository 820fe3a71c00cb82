"""Attacks 19 to 22, by how a request is made: pixels and beacons, foreign origins, cookies, two lengths."""

import json
from base64 import urlsafe_b64encode
from contextlib import suppress

import pytest

from tests.ingestion.collector.attacks.sending import nested, request_bytes, still_serves, track
from tests.ingestion.collector.serving import KEY, basic


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 401), ("writeKey=NOBODYS", 401), (f"writeKey={KEY}", 200), (f"writeKey={KEY}&data=%25%25", 200),
        (f"writeKey={KEY}&data=AAAA", 200), (f"writeKey={KEY}&userId=%ff%fe&event=%00", 200),
        (f"writeKey={KEY}&properties=%5B1%5D&properties.a=1&context.ip=1&traits=null", 200),
        (f"writeKey={KEY}&" + "&".join(f"a{number}=1" for number in range(1000)), 400),
        (f"writeKey={KEY}&x=" + "y" * 40_000, 200),
        *((f"writeKey={KEY}&data=" + urlsafe_b64encode(nested(levels)).decode(), 200) for levels in (900, 990, 5000)),
    ],
)  # fmt: skip
def test_attack_19_an_abused_pixel_is_an_image_or_a_clear_refusal(server, query, status):
    answer = server.request("GET", f"/pixel/v1/track?{query}")
    assert answer.status == status
    assert answer.headers["content-type"] == ("image/gif" if status == 200 else "application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


def test_attack_19_a_beacon_without_a_key_is_refused_and_a_pixel_takes_one_event(server, log):
    body = json.dumps({"batch": [track()]}).encode()
    assert server.request("POST", "/beacon/v1/batch", body, {"Content-Type": "text/plain"}).status == 401
    sent = [track(), track()]
    data = urlsafe_b64encode(json.dumps({"batch": sent}).encode()).decode()
    assert server.request("GET", f"/pixel/v1/track?writeKey={KEY}&data={data}").status == 200
    assert not {each["messageId"] for each in sent} & set(log.message_ids())


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "file://", "https://a.example\u00e4"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_attack_20_no_origin_gets_credentials_or_is_reflected(server, origin, method):
    headers = {
        "Origin": origin.encode("latin-1"),
        "Access-Control-Request-Private-Network": "true",
        **basic(KEY),
    }
    answer = server.request(method, "/v1/track", json.dumps(track()).encode(), headers)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-private-network" not in answer.headers


def test_attack_21_cookies_are_ignored_and_a_bomb_of_them_hurts_only_its_request(server, log):
    sent = track()
    cookies = "".join(f"Cookie: c{number}={'x' * 4000}\r\n" for number in range(10))
    content = json.dumps(sent).encode()
    answer = server.raw(
        request_bytes("/v1/track", f"{cookies}Content-Length: {len(content)}\r\n", content), seconds=2
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"set-cookie" not in answer.lower()
    assert "cookie" not in json.dumps(log.event(sent["messageId"])).lower()
    with suppress(ConnectionError):
        refused = server.raw(request_bytes("/v1/track", cookies * 100), seconds=2)
        assert refused.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert still_serves(server)


SMUGGLED = json.dumps(track(messageId="smuggled")).encode()
INNER = request_bytes("/v1/track", f"Content-Length: {len(SMUGGLED)}\r\n", SMUGGLED)
OUTER = json.dumps(track(messageId="outer")).encode()
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n%s" % (len(OUTER), OUTER, INNER)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (f"Transfer-Encoding: chunked\r\nContent-Length: {len(CHUNKED)}\r\n", CHUNKED),
        (f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding: chunked\r\n", CHUNKED),
        (f"Transfer-Encoding: xchunked\r\nContent-Length: {len(CHUNKED)}\r\n", CHUNKED),
        ("Transfer-Encoding: chunked, identity\r\n", CHUNKED),
        ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked, x\r\n", CHUNKED),
        ("Transfer-Encoding : chunked\r\n", CHUNKED),
        ("Transfer-Encoding:\x0bchunked\r\n", CHUNKED),
        (f"Content-Length: {len(OUTER)}\r\nContent-Length: {len(OUTER + INNER)}\r\n", OUTER + INNER),
        (f"Content-Length: +{len(OUTER)}\r\n", OUTER + INNER),
        (f"Content-Length: {len(OUTER)}, {len(OUTER) + 1}\r\n", OUTER + INNER),
        ("Content-Length: -1\r\n", INNER),
        (f"X: a\r\n Content-Length: {len(OUTER)}\r\n", OUTER + INNER),
        (f"X: a\rContent-Length: {len(OUTER)}\r\n", OUTER + INNER),
    ],
)
def test_attack_22_a_request_with_two_lengths_hides_no_second_one(server, log, headers, content):
    answer = server.raw(request_bytes("/v1/track", headers, content), seconds=1.5)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 200 "))
    assert "smuggled" not in log.message_ids()
