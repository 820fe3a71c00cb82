"""The OpenAPI document, and that the API keeps to it whatever is sent."""

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cdp_site.api.handler import TokenHandler, TokensApart

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = [
    (path, method)
    for path, operations in SCHEMA["paths"].items()
    for method in operations
    if "/profiles/" in path
]


def test_the_document_is_valid_and_complete():
    validate_schema(SCHEMA)
    assert {path for path, _ in OPERATIONS} == {
        "/api/v1/profiles/", "/api/v1/profiles/lookup/", "/api/v1/profiles/{profile_id}/",
        "/api/v1/profiles/{profile_id}/events/", "/api/v1/profiles/{profile_id}/identifiers/",
        "/api/v1/profiles/{profile_id}/merges/", "/api/v1/profiles/{profile_id}/explain/",
        "/api/v1/profiles/{profile_id}/sessions/", "/api/v1/profiles/{profile_id}/social/",
        "/api/v1/profiles/{profile_id}/unmerge/", "/api/v1/profiles/{profile_id}/split/",
        "/api/v1/profiles/{profile_id}/merge/", "/api/v1/profiles/{profile_id}/keep-apart/",
        "/api/v1/profiles/{profile_id}/behaviour/", "/api/v1/profiles/{profile_id}/consents/", "/api/v1/profiles/{profile_id}/consents/history/", "/api/v1/profiles/{profile_id}/graph/",
        "/api/v1/profiles/{profile_id}/households/", "/api/v1/profiles/{profile_id}/suppress/",
    }  # fmt: skip
    for path, operations in SCHEMA["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert {"400", "401", "403", "429"} <= set(operation["responses"]), path
            assert {"200", "201"} & set(operation["responses"]), path
            assert operation["security"] == [{"token": []}, {"cookieAuth": []}], path


def test_the_document_and_its_page_are_served_without_inline_scripts(db):
    schema = Client().get("/api/schema/")
    assert schema.status_code == 200
    assert schema.json()["paths"].keys() == SCHEMA["paths"].keys()
    page = Client().get("/api/docs/").content.decode()
    assert "<script>" not in page
    assert "https://" not in page
    script = Client().get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")


@pytest.mark.usefixtures("changes_topic")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_keep_to_the_document(path, method, mode, api, jane):
    document = schemathesis.openapi.from_dict(SCHEMA)
    document.app = TokensApart(WSGIHandler(), TokenHandler())
    header = {"Authorization": api.defaults["HTTP_AUTHORIZATION"]}
    known = {"profile_id": str(jane.public_id)} if "{" in path and mode is GenerationMode.POSITIVE else None

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=document[path][method].as_strategy(generation_mode=mode, path_parameters=known))
    def attempt(case):
        # A made-up cursor or namespace fits the document and is refused all the same.
        case.call_and_validate(
            base_url="http://localhost", headers=header, excluded_checks=[positive_data_acceptance]
        )

    attempt()
