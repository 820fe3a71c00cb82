"""Who asks too often waits: at the API, in the admin and at the collector, whatever they change about the request."""

from itertools import count

import pytest
from django.conf import settings
from django.test import Client

from tests.ingestion.admin.conftest import administrator, client_of  # noqa: F401 -- fixtures
from tests.profiles.people import builder, jane  # noqa: F401 -- fixtures
from tests.rest import EVERYTHING, api, client_with  # noqa: F401 -- fixtures

PROFILES = "/api/v1/profiles/"
SLOW = 0.001


@pytest.fixture
def allowed(monkeypatch):
    """Lets so many requests through, and then hardly any."""

    def allow(name: str, burst: int) -> None:
        monkeypatch.setitem(settings.RATE_LIMITS, name, (SLOW, burst))

    return allow


def _is_told_to_wait(answer) -> bool:
    assert answer["Retry-After"] == "1000"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:headwater:too-often"
    assert answer.json()["status"] == answer.status_code == 429
    return True


def test_a_token_is_told_when_to_ask_again_however_it_asks(api, jane, allowed):  # noqa: F811
    allowed("token", 2)
    assert [api.get(PROFILES).status_code for _ in range(2)] == [200, 200]
    addresses = (PROFILES, f"{PROFILES}{jane.public_id}/", "/api/v1/sources/", f"{PROFILES}?page_size=7")
    assert all(_is_told_to_wait(api.get(address)) for address in addresses)
    assert _is_told_to_wait(api.get(PROFILES, headers={"X-Forwarded-For": "203.0.113.9"}))
    assert _is_told_to_wait(api.get(PROFILES, headers={"X-HTTP-Method-Override": "POST"}))
    assert _is_told_to_wait(api.post(f"{PROFILES}lookup/", {"identifier": "user_id:42"}, "application/json"))
    for address in ("/API/v1/profiles/", "/api/v1/Profiles/", "/api/v1/profiles//", "/api/v1/./profiles/"):
        assert api.get(address).status_code == 404, "there is no second spelling that would not be counted"
    assert api.get("/api/v1/profiles").status_code in (301, 404)


def test_other_tokens_from_the_same_address_do_not_help(client_with, fresh_database, allowed):  # noqa: F811
    allowed("address", 3)
    clients = [client_with(*EVERYTHING) for _ in range(4)]
    assert [each.get(PROFILES).status_code for each in clients] == [200, 200, 200, 429]
    assert _is_told_to_wait(clients[0].get(PROFILES, headers={"X-Forwarded-For": "203.0.113.9"}))


def test_what_a_token_may_not_do_counts_too(client_with, fresh_database, allowed):  # noqa: F811
    allowed("token", 3)
    narrow = client_with("sources.view")
    assert [narrow.get(PROFILES).status_code for _ in range(4)] == [403, 403, 403, 429]


def test_guessing_who_is_there_gets_slow_and_finding_does_not(api, jane, allowed):  # noqa: F811
    allowed("misses", 3)

    def ask(n: object):
        return api.post(f"{PROFILES}lookup/", {"identifier": f"user_id:{n}"}, "application/json")

    assert [ask(42).status_code for _ in range(6)] == [200] * 6
    assert [ask(f"guess-{n}").status_code for n in range(4)] == [200, 200, 200, 429]
    assert _is_told_to_wait(ask(42)), "whether somebody is there is not told by the limit either"
    assert _is_told_to_wait(api.get(PROFILES, {"identifier": "user_id:guess-9"}))
    assert api.get(PROFILES).status_code == 200


def test_searches_and_exports_of_the_trail_have_limits_of_their_own(client_with, fresh_database, allowed):  # noqa: F811
    allowed("search", 1)
    allowed("export", 1)
    auditor = client_with("audit.view")
    for path in ("search", "export"):
        body = {"form": "csv"} if path == "export" else {}
        ask = [auditor.post(f"/api/v1/audit/{path}/", body, "application/json") for _ in range(2)]
        assert ask[0].status_code == 200
        assert _is_told_to_wait(ask[1])
    assert auditor.get("/api/v1/audit/").status_code == 200


def test_wrong_tokens_get_slow_from_one_address(db, allowed):
    allowed("refusals", 2)
    number = count()

    def guess(**headers: str):
        return Client().get(PROFILES, headers={"authorization": f"Bearer hw_{next(number)}", **headers})

    assert [guess().status_code for _ in range(3)] == [401, 401, 429]
    assert _is_told_to_wait(guess(**{"x-forwarded-for": "203.0.113.77"}))
    assert Client(REMOTE_ADDR="203.0.113.5").get(PROFILES).status_code == 401


def test_networks_of_ipv6_count_as_one(db, allowed):
    allowed("refusals", 2)
    asked = [Client(REMOTE_ADDR=f"2001:db8::{n}").get(PROFILES).status_code for n in range(1, 4)]
    assert asked == [401, 401, 429]


def test_pages_searches_and_exports_of_the_admin(administrator, allowed):  # noqa: F811
    allowed("search", 2)
    asked = [administrator.post("/admin/people/", {"q": "anna"}).status_code for _ in range(3)]
    assert asked == [302, 302, 429]
    assert administrator.get("/admin/people/").status_code == 200
    allowed("export", 1)
    exported = [administrator.post("/admin/privacy/audit/export/", {"form": "csv"}) for _ in range(2)]
    assert [each.status_code for each in exported] == [200, 429]
    b"".join(exported[0])
    assert exported[1]["Retry-After"] == "1000"
    assert "1000 s" in exported[1].content.decode()


def test_all_pages_of_one_member_of_staff(administrator, client_of, allowed):  # noqa: F811
    allowed("page", 3)
    assert [administrator.get("/admin/sources/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client_of("marketer").get("/admin/sources/").status_code == 200
    assert Client().get("/admin/login/").status_code == 200
