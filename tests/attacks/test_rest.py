"""Attacks on the REST API: 25 mass assignment, 26 method override, 27 cursors, 28 page sizes, 29 scopes, 33 preconditions,
34 personal data in addresses and errors.

Operations, parameters and fields are those of the OpenAPI document, so that none that is added is left out.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

import orjson
import pytest
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from compliance.enums import Category, Operation
from compliance.models import ApiToken, AuditEntry, Role, User
from tests.attacks.planted import EMAIL, MARKS, USER, plant
from tests.attacks.walking import text_of
from tests.attacks.world import person_of, program

JSON = "application/json"
SENT = "somebody.at.all@example.com"
SCHEMA = SchemaGenerator().get_schema(request=None, public=True)


class Called(NamedTuple):
    """An operation of the document."""

    path: str
    method: str
    document: dict[str, Any]

    @property
    def parameters(self) -> set[str]:
        return {each["name"] for each in self.document.get("parameters", ()) if each["in"] == "query"}

    @property
    def scope(self) -> str:
        view = resolve(_numbered(self.path))
        return str(view.func.view_class.operation)  # type: ignore[attr-defined]  # Django's own


def _numbered(path: str) -> str:
    """The path with an id of nobody."""
    for name, value in (("{profile_id}", NOBODY), ("{household_id}", NOBODY)):
        path = path.replace(name, value)
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + "999999999" + rest.partition("}")[2]
    return path


NOBODY = "00000000-0000-4000-8000-000000000001"
OPERATIONS = [
    Called(path, method, document)
    for path, methods in SCHEMA["paths"].items()
    for method, document in methods.items()
]
SCOPED = [each for each in OPERATIONS if each.scope]  # all but what anybody is told of themselves
LISTS = [each for each in OPERATIONS if each.method == "get" and {"page_size", "cursor"} <= each.parameters]


@pytest.fixture(scope="module", autouse=True)
def person(world, database) -> str:
    """The id of the planted person."""
    plant(world)
    world.wait_for("SELECT 1 FROM profiles_timeline WHERE message_id = 'known-message'")
    world.wait_for("SELECT 1 FROM profiles_timeline WHERE message_id = 'twin-b-2'")
    return person_of(USER)


@pytest.fixture(autouse=True)
def _no_jobs(monkeypatch):
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)


@pytest.fixture(scope="module")
def everything(database) -> Client:
    return program()


def sent(client: Client, operation: Called, path: str, body: bytes = b"{}", **headers: str) -> Any:
    return client.generic(operation.method.upper(), path, body, content_type=JSON, headers=headers)


def filled(path: str, person: str) -> str:
    return _numbered(path.replace("{profile_id}", person))


# 29: scopes


def test_no_operation_is_done_with_every_scope_but_its_own(world):
    """Attack 29. More scopes never allow less, so no single other scope allows it either. Each refusal is in the trail."""
    assert len(OPERATIONS) > 40
    callers = {
        scope: program(operations=[each for each in Operation if each != scope]) for scope in Operation
    }
    for operation in SCOPED:
        before = AuditEntry.objects.filter(action="access.denied", target=operation.scope).count()
        answer = sent(callers[Operation(operation.scope)], operation, _numbered(operation.path))
        assert (answer.status_code, operation.scope in answer.json()["detail"]) == (403, True), operation[:2]
        after = AuditEntry.objects.filter(action="access.denied", target=operation.scope).count()
        assert after == before + 1, operation[:2]


def test_a_token_of_no_scope_that_is_known_may_nothing(world):
    """A scope of another release, or one that was written into the row, gives nothing (attack 29)."""
    caller = program(operations=[Operation.PEOPLE_VIEW])
    ApiToken.objects.filter(pk=ApiToken.objects.latest("pk").pk).update(
        scopes=["*", "people", "people.VIEW", "all"]
    )
    assert {sent(caller, each, _numbered(each.path)).status_code for each in SCOPED} == {403}
    told = [sent(caller, each, _numbered(each.path)) for each in OPERATIONS if each not in SCOPED]
    assert [
        each["operation"] for answer in told for each in answer.json()["operations"] if each["allowed"]
    ] == []


# 25: mass assignment


def _writes() -> list[Called]:
    return [each for each in OPERATIONS if each.method != "get"]


def test_what_no_operation_knows_changes_nothing_and_is_refused(everything, person):
    """Attack 25: fields of rows beside those of the operation."""
    before = _powers()
    more = {
        "is_superuser": True, "scopes": ["users.manage"], "operations": list(Operation), "categories": list(Category), "id": 1, "pk": 1,
        "by": "somebody else", "made_by": "x", "hash": "00", "state": "done", "source_id": 1, "profile_id": NOBODY, "__class__": "x",
    }  # fmt: skip
    for operation in _writes():
        answer = sent(everything, operation, filled(operation.path, person), orjson.dumps(more))
        # Without a body of its own an operation reads none.
        refused = {400, 404, 409, 410} | ({200} if "requestBody" not in operation.document else set())
        assert answer.status_code in refused, (operation[:2], answer.content)
    assert _powers() == before


def _powers() -> list[Any]:
    tokens = ApiToken.objects.order_by("pk").values_list("scopes", "categories", "hash", "created_by")
    roles = Role.objects.order_by("pk").values_list("operations", "categories")
    return [*tokens, *roles, User.objects.filter(is_superuser=True).count()]


# 26: method override


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_or_parameter_makes_another_method_of_a_request(everything, person, header):
    """Attack 26."""
    for path in sorted({filled(each.path, person) for each in OPERATIONS}):
        allowed = everything.options(path).headers["Allow"]
        for method in ("DELETE", "PUT", "PATCH"):
            if method in allowed:
                continue
            for address in (path, f"{path}?_method={method}"):
                answer = everything.get(address, headers={header: method})
                assert answer.status_code != 204
                same = everything.get(path)
                assert answer.status_code in (400, same.status_code), (address, header)


# 27: cursors


def _pages(client: Client, person: str) -> Iterator[tuple[Called, str, str]]:
    """Each list that has a second page, its address, and the cursor of that."""
    for each in LISTS:
        path = filled(each.path, person)
        answer = client.get(path, {"page_size": "1"})
        if answer.status_code == 200 and (following := answer.json()["next"]):
            yield each, path, following.partition("cursor=")[2].partition("&")[0]


def test_a_cursor_is_of_one_list_and_nobody_writes_one(everything, person):
    """Attack 27: cursors of other lists, changed, cut, doubled, written by hand."""
    pages = [(each, path, unquote(cursor)) for each, path, cursor in _pages(everything, person)]
    assert len(pages) > 5
    signed = [page for page in pages if ":" in page[2]]
    assert len(signed) > 3
    for each, path, cursor in pages:
        others = {other for one, _, other in signed if one.path != each.path}
        for wrong in (*others, f"{cursor}x", cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), f"{cursor}{cursor}", "WzAsMV0:x",
                      "' OR 1=1 --", "é", "9" * 30, "-1", "0"):  # fmt: skip
            answer = everything.get(path, {"cursor": wrong})
            assert answer.status_code < 500, (path, wrong)
            if ":" in cursor:
                assert answer.status_code == 400, (path, wrong)
                assert len(wrong) < 5 or wrong not in answer.content.decode()


def test_a_cursor_tells_nothing_and_gives_nobody_more(everything, person):
    """Attack 27: what is in a cursor, and one that was given to somebody who sees more."""
    blind = program(categories=[])
    poor = program(operations=[Operation.HOME_VIEW])
    for _, path, cursor in _pages(everything, person):
        content = cursor.partition(":")[0] if ":" in cursor or "%3A" in cursor else cursor
        inside = (
            base64.urlsafe_b64decode(content.partition("%3A")[0] + "==")
            if "%3A" in content or ":" in cursor
            else content.encode()
        )
        assert not any(mark.encode() in inside for marks in MARKS.values() for mark in marks)
        answer = text_of(blind.get(f"{path}?cursor={cursor}"))
        assert not any(mark in answer for marks in MARKS.values() for mark in marks)
        assert poor.get(f"{path}?cursor={cursor}").status_code == 403


# 28: page sizes


@pytest.mark.parametrize(
    "size",
    [
        "1000000000",
        "501",
        "0",
        "-1",
        "1e3",
        "1.0",
        "all",
        "",
        " 5",
        "５",
        "0x10",
        "1&page_size=500",
        "%00",
        "NaN",
    ],
)
def test_a_page_has_at_most_500_rows_however_they_are_asked_for(everything, person, size):
    """Attack 28."""
    assert len(LISTS) > 10
    for each in LISTS:
        answer = everything.get(f"{filled(each.path, person)}?page_size={size}")
        assert answer.status_code in (400, 404), (each.path, size)


# 33: preconditions


@pytest.mark.parametrize("tags", ['"1"', 'W/"1"', '"1", "2"'])
def test_a_change_that_asks_for_a_version_that_is_no_longer_there_is_not_made(everything, person, tags):
    """Attack 33: nothing here has a version, so that no tag is that of what is there now; to pass over it would lose updates."""
    before = AuditEntry.objects.exclude(action__in=["access.denied"]).count()
    for operation in _writes():
        answer = sent(everything, operation, filled(operation.path, person), **{"If-Match": tags})
        assert answer.status_code == 412, operation[:2]
    assert AuditEntry.objects.exclude(action__in=["access.denied"]).count() == before


# 34: personal data in addresses and errors


def test_no_error_repeats_what_was_sent(everything, person):
    """Attack 34: in addresses, parameters, names of parameters and of fields, fields, headers."""
    for operation in OPERATIONS:
        path = filled(operation.path, person)
        requests = [
            (f"{path}?{SENT}=1", b"{}"), (f"{path}?cursor={SENT}&page_size={SENT}", b"{}"),
            *((f"{path}?{name}={SENT}", b"{}") for name in operation.parameters),
            (path, json.dumps({SENT: SENT}).encode()), (path, json.dumps([SENT]).encode()), (path, f'{{"a": "{SENT}'.encode()),
            (path.rstrip("/") + f"{SENT}/", b"{}"),
        ]  # fmt: skip
        for address, body in requests:
            answer = sent(everything, operation, address, body, **{"Idempotency-Key": SENT * 20})
            if answer.status_code >= 400:
                assert "somebody.at.all" not in text_of(answer), (operation.method, address, body)


def test_contact_data_in_an_address_is_refused_with_where_it_belongs(everything):
    """Attack 34."""
    for identifier in (f"email:{EMAIL}", "phone:+49305550177"):
        answer = everything.get("/api/v1/profiles/", {"identifier": identifier})
        assert answer.status_code == 400
        assert "lookup" in answer.json()["detail"] + str(answer.json().get("errors"))


def test_the_server_keeps_no_log_of_what_was_sent(world, everything, person):
    """Attack 34: through the real server, refused and taken."""
    _, _, secret = everything.defaults["HTTP_AUTHORIZATION"].partition(" ")
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": JSON,
        "Referer": f"http://x/{EMAIL}",
        "User-Agent": EMAIL,
    }
    for path in (f"/api/v1/profiles/?identifier=email:{EMAIL}", f"/api/v1/{EMAIL}/", f"/admin/people/?q={EMAIL}", f"/{EMAIL}",
                 f"/v1/{EMAIL}", f"/admin/login/?next=/{EMAIL}"):  # fmt: skip
        assert world.server.request("GET", path, headers=headers).status < 500
        assert world.server.request("POST", path, json.dumps({"a": EMAIL}).encode(), headers).status < 500
    logs = [path.read_text(errors="replace") for path in world.home.glob("*.log")]
    assert len(logs) > 1
    assert [
        mark for marks in MARKS.values() for mark in marks if any(mark in log.lower() for log in logs)
    ] == []
