"""The form of a stream that people name and describe: fields of its kind, what the kind finds out, and what is kept."""

import json
import re
from collections.abc import Iterator

import pytest

from ingestion.models import Connection, Stream
from ingestion.sources.rest import pace
from tests.ingestion.sources.rest.server import Api, Reply, customers

MAPPING = {"type": "identify", "user_id": "id", "traits": {"email": "email"}, "timestamp": "updated_at"}


@pytest.fixture(scope="module")
def server() -> Iterator[Api]:
    with Api().running() as api:
        yield api


@pytest.fixture
def api(server: Api) -> Api:
    server.reset()
    server.answer = lambda _asked: Reply(
        {"data": customers(1, 3), "next_cursor": None, "meta": {"next_cursor": "x"}}
    )
    return server


@pytest.fixture
def made(administrator, api) -> Connection:
    form = {
        "kind": "rest", "name": "Shop", "source": "Shop", "base_url": api.url, "auth": "header", "api_key": "s3cret-word",
        "password": "hidden and so not kept", "headers": "X-Tenant: 7\r\nX-Other: 8",
    }  # fmt: skip
    administrator.post("/admin/connections/new/", form)
    return Connection.objects.get()


@pytest.fixture
def address(made) -> str:
    return f"/admin/connections/{made.pk}/streams/new/"


def _form(**changes) -> dict:
    return {
        "stream": "customers",
        "its_path": "/customers",
        "its_method": "GET",
        "its_pagination": "detect",
        **changes,
    }


def _choice(**changes) -> dict:
    return _form(
        mode="incremental", cursor="updated_at", look_back="0", every="3600", column=["id", "email", "updated_at"], key=["id"],
        mapping=json.dumps(MAPPING), **changes,
    )  # fmt: skip


def test_what_is_not_asked_for_is_not_kept_and_lines_are_lines(made):
    assert made.settings == {
        "base_url": made.settings["base_url"], "auth": "header", "key_name": "X-API-Key", "headers": "X-Tenant: 7\nX-Other: 8",
    }  # fmt: skip
    assert "hidden" not in made.secrets


def test_a_stream_is_named_and_described_before_anything_is_asked_of_the_source(
    administrator, made, address, api
):
    api.asked.clear()
    assert "Add what to read" in administrator.get(f"/admin/connections/{made.pk}/").content.decode()
    page = administrator.get(address).content.decode()
    assert 'name="its_path"' in page
    assert "Keep it" not in page
    assert not api.asked
    wrong = administrator.post(address, _form(stream="", its_path="", its_pagination="guess", look="1"))
    assert wrong.status_code == 400
    for words in ("Give what is read a name", "Path is needed", "Choose one of the values of Pages"):
        assert words in wrong.content.decode()


def test_looking_fills_in_what_was_found_and_proposes_the_rest(administrator, address):
    page = administrator.post(address, _form(look="1")).content.decode()
    assert 'value="data"' in page
    assert '<option value="token" selected>' in page
    assert 'value="meta.next_cursor"' in page
    assert "&quot;type&quot;: &quot;identify&quot;" in page
    assert "c1@example.com" in page
    assert not Stream.objects.exists()


def test_it_is_kept_with_its_settings_and_shown_with_them(administrator, made, address):
    administrator.post(address, _choice(its_query="sort=id\r\nexpand=a"))
    stream = Stream.objects.get()
    assert stream.settings == {
        "path": "/customers", "method": "GET", "query": "sort=id\nexpand=a", "records": "data", "pagination": "token",
        "next": "meta.next_cursor", "page_parameter": "cursor", "cursor_format": "as_is",
    }  # fmt: skip
    page = administrator.get(f"/admin/connections/streams/{stream.pk}/").content.decode()
    assert "A token in the answer names the next page" in page
    edit = administrator.get(f"/admin/connections/streams/{stream.pk}/settings/").content.decode()
    assert "sort=id\nexpand=a" in edit
    taken = administrator.post(address, _choice())
    assert "customers is read already" in taken.content.decode()


def test_settings_can_be_mended_while_the_source_refuses_them(administrator, address, api):
    administrator.post(address, _choice())
    stream = Stream.objects.get()
    Stream.objects.update(state={"cursor": "2026-01-05T10:00:00Z"}, is_whole=True)
    good = api.answer
    api.answer = lambda asked: (
        good(asked) if asked.path == "/people" else Reply({"message": "moved"}, status=404)
    )
    edit = f"/admin/connections/streams/{stream.pk}/settings/"
    page = administrator.get(edit)
    assert page.status_code == 400
    assert "There is nothing at this path" in page.content.decode()
    assert 'value="/customers"' in page.content.decode()
    administrator.post(edit, _choice(its_path="/people"))
    stream.refresh_from_db()
    assert stream.settings["path"] == "/people"
    assert stream.state == {"cursor": "2026-01-05T10:00:00Z"}, "what is new is known all the same"


@pytest.mark.parametrize(
    "seen", [[], [{"id": 4, "updated_at": None}]], ids=["no record", "one without most of them"]
)
def test_columns_that_the_sample_does_not_show_are_kept_when_something_else_is_changed(
    administrator, made, address, api, seen
):
    administrator.post(address, _choice())
    left_out = Stream.objects.get().left_out
    api.answer = lambda _asked: Reply({"data": seen, "next_cursor": None, "meta": {"next_cursor": "x"}})
    edit = f"/admin/connections/streams/{Stream.objects.get().pk}/settings/"
    page = administrator.get(edit).content.decode()
    for name in ("id", "email", "updated_at"):
        assert f'name="column" value="{name}" checked' in page
    form = {**_choice(), "every": "300"}
    assert (
        "has no column"
        not in administrator.post(f"/admin/connections/{made.pk}/preview/", form).content.decode()
    )
    kept = administrator.post(edit, form)
    assert kept.status_code == 302, kept.content.decode()
    stream = Stream.objects.get()
    assert (stream.every_seconds, stream.cursor, stream.left_out) == (300, "updated_at", left_out)
    assert {each["name"]: each["type"] for each in stream.columns} == {
        "id": "integer",
        "email": "text",
        "updated_at": "time",
    }


def test_a_preview_uses_what_stands_in_the_form(administrator, made, address, api):
    shown = administrator.post(f"/admin/connections/{made.pk}/preview/", _choice(its_query="a=1"))
    assert "c1@example.com" in shown.content.decode()
    assert {each.query.get("a") for each in api.asked[-2:]} == {"1"}
    wrong = administrator.post(f"/admin/connections/{made.pk}/preview/", _choice(its_path=""))
    assert "Path is needed" in wrong.content.decode()


def test_a_preview_asks_for_the_first_rows_and_does_not_look_again(administrator, made, address, api):
    page = administrator.post(address, _form(look="1")).content.decode()
    [looked] = re.findall('name="looked" value="([^"]+)"', page)
    preview, found = (
        f"/admin/connections/{made.pk}/preview/",
        {"its_records": "data", "its_pagination": "none"},
    )
    api.asked.clear()
    shown = administrator.post(preview, _choice(looked=looked, **found)).content.decode()
    assert ("c1@example.com" in shown, len(api.asked)) == (True, 1)
    for other in (looked[:-2], "x"):
        api.asked.clear()
        administrator.post(preview, _choice(looked=other, **found))
        assert len(api.asked) == 2, "what is not ours is not believed"
    assert (
        "Path is needed" in administrator.post(preview, _choice(looked=looked, its_path="")).content.decode()
    )


def test_nobody_waits_long_at_a_screen_for_the_turn_of_an_api(administrator, made, address, api, monkeypatch):
    monkeypatch.setattr(pace, "_free_at", {})
    Connection.objects.update(settings={**made.settings, "requests_per_minute": "2"})
    page = administrator.post(address, _form(look="1")).content.decode()
    assert "Its requests a minute are used up: the next one may be sent in" in page


def test_without_the_package_of_its_kind_nothing_falls_over(administrator, made, address):
    administrator.post(address, _choice())
    stream = Stream.objects.get()
    Connection.objects.update(kind="gone")
    connection, own = f"/admin/connections/{made.pk}/", f"/admin/connections/streams/{stream.pk}/"
    assert administrator.get(connection).status_code == administrator.get(own).status_code == 200
    for answer in (
        administrator.get(address), administrator.post(address, _form()), administrator.get(f"{own}settings/"),
        administrator.post(f"{connection}preview/", _choice()), administrator.get(f"{connection}discover/"),
    ):  # fmt: skip
        assert answer.status_code == 404
    for action in ("run", "backfill"):
        told = administrator.post(f"{own}{action}/", follow=True).content.decode()
        assert "install the package that brings it" in told
