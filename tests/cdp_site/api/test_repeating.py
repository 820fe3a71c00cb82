"""Every POST that changes something can be sent again: it takes an Idempotency-Key, and looks at it."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from compliance.enums import Operation
from streaming.api.idempotency import HEADER, MAX_KEY
from tests.rest import client_with  # noqa: F401 -- a fixture

READS = {
    "profiles_lookup": "looks somebody up",
    "audit_search": "looks into the trail",
    "audit_export": "reads; a second person who was asked already is not asked again",
}
SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
POSTS = {
    operations["post"]["operationId"]: path
    for path, operations in SCHEMA["paths"].items()
    if "post" in operations
}
CHANGES = sorted(POSTS.keys() - READS)


def test_what_only_reads_is_named_while_it_is_there():
    assert READS.keys() <= POSTS.keys()
    assert len(CHANGES) > 15


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_something_says_that_it_takes_a_key(name):
    declared = SCHEMA["paths"][POSTS[name]]["post"]
    assert HEADER in [each["name"] for each in declared.get("parameters", [])]
    assert {"409", "422"} <= declared["responses"].keys()


@pytest.mark.parametrize("name", CHANGES)
def test_what_says_so_looks_at_the_key_first(name, client_with, fresh_database):  # noqa: F811
    del fresh_database
    path = POSTS[name]
    for parameter in SCHEMA["paths"][path]["post"]["parameters"]:
        example = "00000000-0000-4000-8000-000000000001" if parameter["schema"].get("format") else "1"
        path = path.replace(f"{{{parameter['name']}}}", example)
    answer = client_with(*(each.value for each in Operation)).post(
        path, {}, content_type="application/json", headers={HEADER: "k" * (MAX_KEY + 1)}
    )
    assert (answer.status_code, HEADER in answer.content.decode()) == (400, True), answer.content
