"""The whole REST API, called by made-up requests with a token of each role that is shipped.

Whatever is sent by whom: no answer is a fault of ours, each is one that the OpenAPI document tells of in status, type
and form, what breaks the document is refused, and nothing is answered without a token. `make fuzz` makes more of them.
"""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as live
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cdp_site.api.handler import TokenHandler, TokensApart
from compliance.domain.tokens import create_token
from compliance.models import Role
from ingestion.domain.sources import create_source
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL, builder, changes_topic, jane  # noqa: F401 -- fixtures

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
UUIDS = ("profile_id", "household_id")
METHODS = ("get", "post", "put", "patch", "delete", "trace")


@pytest.fixture
def tokens(jane, changes_topic, monkeypatch) -> dict[str, dict[str, str]]:  # noqa: F811
    """The header of a token of each role."""
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)
    for name in live.RATE_LIMITS:
        monkeypatch.setitem(live.RATE_LIMITS, name, (1e6, 1e6))
    create_source(name="Web shop", by=ALL, now=START)
    roles = Role.objects.exclude(operations=[]).values_list("group__name", flat=True)
    return {role: {"Authorization": f"Bearer {_secret(role)}"} for role in roles}


def _secret(role: str) -> str:
    return create_token(name=role, by=ALL, now=START, role=role)[1]


@pytest.fixture
def document() -> Any:
    loaded = schemathesis.openapi.from_dict(SCHEMA)
    loaded.app = _served(TokensApart(WSGIHandler(), TokenHandler()))
    return loaded


def _served(app: TokensApart) -> Callable[[Any, Any], list[bytes]]:
    """The application as a server uses it: what it answers is closed when it was sent."""

    def serve(environ: Any, start_response: Any) -> list[bytes]:
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return serve


def _operations() -> Iterator[tuple[str, str]]:
    for path, operations in SCHEMA["paths"].items():
        for method in operations:
            yield path, method


def _faults(operation, mode, header, known) -> Iterator[str]:
    found: list[str] = []

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=known))
    def attempt(case):
        try:
            # A made-up cursor, id or namespace fits the document and is refused all the same.
            case.call_and_validate(
                base_url="http://localhost", headers=header, excluded_checks=[positive_data_acceptance]
            )
        except FailureGroup as group:
            found.extend(f"{operation.label}: {each}" for each in group.exceptions)

    attempt()
    yield from found


@pytest.mark.hypothesis
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_each_answer_to_each_role_keeps_to_the_document(document, tokens, jane, mode):  # noqa: F811
    faults = set()
    for path, method in _operations():
        person = {"profile_id": str(jane.public_id)}
        known = person if "{profile_id}" in path and mode is GenerationMode.POSITIVE else None
        for role, header in tokens.items():
            faults |= {f"{role}: {each}" for each in _faults(document[path][method], mode, header, known)}
    assert len(tokens) > 1
    assert not faults, "\n\n".join(sorted(faults))


def test_methods_that_the_document_does_not_name_are_refused_and_told(tokens, jane):  # noqa: F811
    faults = []
    header = tokens["administrator"]
    for path, operations in SCHEMA["paths"].items():
        address = re.sub(r"{(\w+)}", lambda name: str(jane.public_id) if name[1] in UUIDS else "1", path)
        for method in set(METHODS) - operations.keys():
            answer = Client().generic(method.upper(), address, headers=header)
            allowed = set(answer.get("Allow", "").lower().split(", ")) - {"head", "options"}
            if answer.status_code != 405 or allowed != operations.keys():
                faults.append((method, path, answer.status_code, allowed))
    assert faults == []
