"""Ways to log in; and that a secret goes nowhere but to the API that it is for."""

from base64 import b64encode
from typing import Any

import pytest

from ingestion.sources.contract import SourceRefused, SourceUnavailable
from tests.ingestion.sources.rest.server import Api, Reply, customers

SECRET = "s3cret/w+rd"


@pytest.fixture
def elsewhere(server: Api):
    """Another host."""
    with Api().running() as api:
        yield api


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({"auth": "header", "key_name": "X-Key", "api_key": SECRET}, lambda asked: asked.headers["x-key"]),
        ({"auth": "query", "key_name": "api_key", "api_key": SECRET}, lambda asked: asked.query["api_key"]),
        ({"auth": "bearer", "token": SECRET}, lambda asked: asked.headers["authorization"].removeprefix("Bearer ")),
    ],
    ids=["header", "query", "bearer"],
)  # fmt: skip
def test_a_key_is_sent_as_it_was_typed_with_every_page(api, reader, settings, sent):
    api.answer = lambda asked: Reply(customers(1, 2) if "page" not in asked.query else [])
    reader.with_(pagination="page", headers="X-Tenant: shop-7\nX-Other: a: b", **settings).ids()
    assert [sent(each) for each in api.asked] == [SECRET, SECRET]
    assert {(each.headers["x-tenant"], each.headers["x-other"]) for each in api.asked} == {("shop-7", "a: b")}


def test_user_and_password(api, reader):
    reader.with_(auth="basic", user="jane", password="pässword").ids()
    assert api.asked[0].headers["authorization"] == "Basic amFuZTpww6Rzc3dvcmQ="


def test_a_token_is_fetched_and_renewed_when_it_is_over(api, reader):
    given: list[Any] = []
    valid: list[str] = []

    def answer(asked):
        if asked.path == "/oauth":
            given.append(asked)
            valid[:] = [f"Bearer t{len(given)}"]
            return Reply({"access_token": f"t{len(given)}", "token_type": "Bearer", "expires_in": 3600})
        if asked.headers.get("authorization") not in valid:
            return Reply({"message": "token expired"}, status=401)
        page = int(asked.query.get("page", 1))
        if page == 1:
            valid[:] = ["Bearer other"]  # it is over before its time
        return Reply(customers(page, page) if page < 3 else [])

    api.answer = answer
    reader.with_(
        auth="oauth", token_url=f"{api.url}/oauth", client_id="me", client_secret=SECRET, scope="read all", pagination="page",
    )  # fmt: skip
    assert reader.ids() == [1, 2]
    assert [each.form for each in given] == [{"grant_type": "client_credentials", "scope": "read all"}] * 2
    assert given[0].headers["authorization"].startswith("Basic ")
    reader.with_(client_place="body").ids()
    assert given[-1].form["client_secret"] == SECRET
    assert "authorization" not in given[-1].headers


def test_a_login_that_is_refused_is_told_without_the_secret(api, reader):
    api.answer = lambda asked: Reply({"message": f"bad key {asked.headers['x-api-key']}"}, status=401)
    reader.with_(auth="header", key_name="X-API-Key", api_key=SECRET)
    with pytest.raises(SourceRefused, match=r"has expired.*It said: bad key ••••••") as refused:
        reader.kind.check(reader.settings)
    assert SECRET not in str(refused.value)
    api.answer = lambda asked: Reply({"error": {"detail": "no permission"}}, status=403)
    with pytest.raises(SourceRefused, match=r"lacks a permission\. It said: no permission"):
        reader.kind.check(reader.settings)
    api.answer = lambda asked: Reply({"error": "invalid_client"}, status=401)
    oauth = {"auth": "oauth", "token_url": f"{api.url}/oauth", "client_id": "me", "client_secret": SECRET}
    with pytest.raises(SourceRefused, match="the client ID or its secret is wrong or has expired"):
        reader.kind.check({**reader.settings, **oauth})


@pytest.mark.parametrize(
    ("login", "sent"),
    [
        ({"auth": "basic", "user": "jane", "password": SECRET}, f"jane:{SECRET}"),
        ({"auth": "oauth", "client_id": "me", "client_secret": SECRET}, f"me:{SECRET}"),
    ],
)
def test_a_header_of_user_and_password_that_comes_back_is_not_repeated(api, reader, login, sent):
    api.answer = lambda asked: Reply({"message": f"bad {asked.headers['authorization']}"}, status=503)
    with pytest.raises(SourceUnavailable, match="It said: bad Basic ••••••") as away:
        reader.kind.check({**reader.settings, **login, "token_url": f"{api.url}/oauth"})
    assert b64encode(sent.encode()).decode() not in str(away.value)


def test_the_login_is_tried_at_the_path_for_it(api, reader):
    api.answer = lambda asked: Reply({}, status=200 if asked.path == "/me" else 404)
    assert "takes the login" in reader.kind.check({**reader.settings, "test_path": "/me"})
    assert "none is given to try it with" in reader.kind.check(reader.settings)
    with pytest.raises(SourceRefused, match="There is nothing at this path"):
        reader.kind.check({**reader.settings, "test_path": "/nowhere"})


@pytest.mark.parametrize(
    "answer",
    [
        lambda url: Reply(status=302, headers={"Location": f"{url}/customers"}),
        lambda url: Reply({"data": customers(1, 2), "next": f"{url}/customers?page=2"}),
        lambda url: Reply({"data": customers(1, 2)}, headers={"Link": f"<{url}/customers>; rel=next"}),
        lambda url: Reply({"data": customers(1, 2), "next": url.replace("http://", "http://me@")}),
    ],
    ids=["redirect", "next link", "Link header", "user in the link"],
)
@pytest.mark.parametrize(
    "auth", [{"auth": "header", "key_name": "X-Key"}, {"auth": "query", "key_name": "key"}]
)
def test_nothing_is_sent_to_another_host(api, reader, elsewhere, answer, auth):
    reply = answer(elsewhere.url)
    api.answer = lambda _asked: reply
    pagination = "link_header" if "Link" in reply.headers else "next_link"
    reader.with_(records="data", pagination=pagination, next="next", api_key=SECRET, **auth)
    with pytest.raises(SourceRefused, match=r"leads to another host.*nothing is sent there"):
        reader.ids()
    assert not elsewhere.asked


def test_a_redirect_within_the_api_is_followed_with_the_login_and_a_circle_is_not(api, reader):
    api.answer = lambda asked: (
        Reply(customers(1, 1))
        if asked.path == "/v2/customers"
        else Reply(status=301, headers={"Location": "/v2/customers"})
    )
    reader.with_(auth="bearer", token=SECRET)
    assert reader.ids() == [1]
    assert api.asked[1].headers["authorization"] == f"Bearer {SECRET}"
    api.answer = lambda _asked: Reply(status=302, headers={"Location": "/customers"})
    with pytest.raises(SourceRefused, match="redirects in a circle"):
        reader.ids()


def test_the_key_is_not_kept_with_the_address_of_the_next_page(api, reader):
    api.answer = lambda asked: Reply(
        {"data": customers(1, 2), "next": f"/customers?key={asked.query['key']}&page=2"}
    )
    reader.with_(
        records="data", pagination="next_link", next="next", auth="query", key_name="key", api_key=SECRET
    )
    first = next(iter(reader.kind.read(reader.settings, reader.selection(), {}, rows=1)))
    assert first.state == {}
    batches = reader.kind.read(reader.settings, reader.selection(), {}, rows=2)
    state = next(batches).state
    assert state["page"] == {"url": "/customers?page=2"}
    assert SECRET not in str(state)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_url": "ftp://example.com"}, "is an address like"),
        ({"base_url": "https://me:pw@example.com"}, "neither user nor parameters"),
        ({"base_url": "http://169.254.169.254/latest"}, "only this machine itself sees"),
        ({"base_url": "http://2852039166/latest"}, "only this machine itself sees"),
        ({"path": "//elsewhere.example/x"}, "stands after the base URL"),
        ({"path": "/../admin"}, "does not lead out"),
        ({"path": "/a?b=c"}, "parameters have a field of their own"),
        ({"headers": "Authorization: Bearer x"}, "is set by itself"),
        ({"headers": "no line"}, "is no line like"),
        ({"query": "sort"}, "on a line of its own"),
        ({"method": "POST", "body": "[1]"}, "is an object"),
        ({"records": "data[?"}, "is not JMESPath"),
        ({"cursor_parameter": "q=updated > x"}, "has no {cursor} in it"),
        ({"page_size": "0"}, "a whole number from 1"),
        ({"auth": "bearer", "token": "two\nlines"}, "no header can carry"),
        ({"auth": "oauth", "token_url": "http://169.254.169.254/token"}, "only this machine itself sees"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused_in_a_sentence(reader, settings, words):
    with pytest.raises(SourceRefused, match=words):
        reader.with_(**settings).ids()


def test_a_host_that_is_not_there_is_told(reader):
    with pytest.raises(SourceUnavailable, match="is not known"):
        reader.with_(base_url="http://no-such-host.invalid").ids()
    with pytest.raises(SourceUnavailable, match="Nothing answers at this host and port"):
        reader.with_(base_url="http://127.0.0.1:9").ids()


@pytest.mark.parametrize("lasts", [0, "3600", 3599.5, None, True, "²", "soon", [], 10**30])
def test_a_token_lasts_some_while_whatever_is_said_of_it(api, reader, lasts):
    def answer(asked):
        if asked.path == "/oauth":
            return Reply({"access_token": "t", "token_type": "Bearer", "expires_in": lasts})
        return Reply(customers(1, 1))

    api.answer = answer
    reader.with_(auth="oauth", token_url=f"{api.url}/oauth", client_id="me", client_secret=SECRET)
    assert reader.ids() == [1]
