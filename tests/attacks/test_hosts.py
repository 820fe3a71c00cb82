"""Attack 43: hosts that are not ours, as the real server reads requests."""

import json

import pytest

from tests.attacks.world import token

pytestmark = pytest.mark.usefixtures("planted", "at_home")


@pytest.mark.parametrize(
    "headers",
    [
        "Host: evil.example",
        "Host: localhost:80@evil.example",
        "Host: evil.example:8000",
        "Host: localhost\r\nHost: evil.example",
        "Host: localhost.evil.example",
        "Host: LOCALHOST\tevil.example",
        "Host:",
        "Host: [::1]evil.example",
        "X: y",
    ],
)
def test_a_foreign_host_stands_in_no_answer(world, headers):
    """Attack 43: as the real server reads requests. Each is refused, or answered as if the header were ours."""
    secret = token()
    for line in ("GET /admin/ HTTP/1.1", "GET /api/v1/profiles/?page_size=1 HTTP/1.1", "GET / HTTP/1.1",
                 "GET http://evil.example/admin/ HTTP/1.1"):  # fmt: skip
        more = f"Authorization: Bearer {secret}\r\n" if "/api/" in line else ""
        answer = world.server.raw(f"{line}\r\n{headers}\r\n{more}Connection: close\r\n\r\n".encode()).decode(
            errors="replace"
        )
        assert "evil.example" not in answer, (line, answer[:500])


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Host",
        "X-Host",
        "Forwarded",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Server",
        "X-Forwarded-Prefix",
    ],
)
def test_no_forwarded_host_stands_in_the_addresses_of_answers(world, header):
    """Attack 43: pages, redirects, `next` of lists, addresses to send to."""
    value = "host=evil.example" if header == "Forwarded" else "evil.example"
    headers = {"Authorization": f"Bearer {token()}", header: value}
    for path in (
        "/api/v1/profiles/?page_size=1",
        "/admin/",
        "/",
        "/admin/login/",
        "/api/docs/",
        "/api/schema/",
    ):
        answer = world.server.request("GET", path, headers=headers)
        assert answer.status < 400, path
        assert b"evil.example" not in answer.body + str(answer.headers).encode(), (path, answer.headers)
        if path.startswith("/api/v1/"):
            assert json.loads(answer.body)["next"].startswith(world.url)
