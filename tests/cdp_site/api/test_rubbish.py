"""Rubbish sent to every address of the REST API: no answer is a fault of ours, and each refusal says why."""

import itertools
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from compliance.enums import Operation
from ingestion.domain.sources import create_source
from tests.ingestion.admin.conftest import NOW
from tests.profiles.people import ALL, builder, changes_topic, jane  # noqa: F401 -- fixtures
from tests.rest import client_with  # noqa: F401 -- fixtures

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = [
    (path, method, operation)
    for path, operations in SCHEMA["paths"].items()
    for method, operation in operations.items()
]
IDS = ("1", "99999999999999999999", "x", "%00", "é" * 300)
PARAMETERS = (
    "",
    "x",
    "99999999999999999999",
    "%00",
    "%ED%A0%80",
    "é" * 2000,
    "2026-13-45",
    "9999-12-31T23:59:59%2B23:59",
)
WRONG: tuple[Any, ...] = (
    None,
    -1,
    1.5,
    1e300,
    "",
    "a\0b",
    "z" * 100_000,
    ["a\0b"],
    [[[]]],
    {"a": {"b\0": [None]}},
    "2026-13-45",
)
BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"a": "\\ud800"}',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a": 10000000000000000000000}',
)
_EXAMPLES = {"string": "user_id:42", "integer": 1, "boolean": True, "array": [1]}


@pytest.fixture
def caller(client_with, jane, changes_topic) -> Client:  # noqa: F811
    """A program that may do everything."""
    create_source(name="Web shop", by=ALL, now=NOW)
    scopes = [each.value for each in Operation]
    client: Client = client_with(*scopes, categories=[each.value for each in ALL.categories])
    client.raise_request_exception = False
    return client


def _addresses(path: str) -> Iterator[str]:
    names = [part for part in path.split("/") if part.startswith("{")]
    for value in IDS if names else ("",):
        address = path
        for name in names:
            address = address.replace(name, value)
        yield address


def _fields(operation: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body, each with a value of its type."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    known = SCHEMA["components"]["schemas"].get(name, {}).get("properties", {})
    return {
        key: schema.get("enum", [_EXAMPLES.get(schema.get("type"), {})])[0] for key, schema in known.items()
    }


def _requests(path: str, method: str, operation: dict[str, Any], person: str) -> Iterator[tuple[str, bytes]]:
    queried = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
    for address in _addresses(path):
        yield address, b"{}"
    address = next(_addresses(path.replace("{profile_id}", person)))
    for name, text in itertools.product(queried, PARAMETERS):
        yield f"{address}?{name}={text}", b""
    if method != "get":
        fields = _fields(operation)
        yield from ((address, body) for body in BODIES)
        yield from (
            (address, orjson.dumps({**fields, name: wrong}))
            for name, wrong in itertools.product(fields, WRONG)
        )
        yield address, orjson.dumps({**fields, "nobody knows it": 1})


def test_no_request_is_a_fault_of_ours_and_each_refusal_says_why(caller, jane, monkeypatch):  # noqa: F811
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)
    assert len(OPERATIONS) > 40
    faults = []
    for path, method, operation in OPERATIONS:
        for address, body in _requests(path, method, operation, str(jane.public_id)):
            answer = caller.generic(method.upper(), address, body, content_type="application/json")
            says_why = answer.status_code < 400 or bool(answer.json().get("detail"))
            if answer.status_code >= 500 or not says_why:
                faults.append((method, address[:200], body[:200], answer.status_code))
    assert faults == []
