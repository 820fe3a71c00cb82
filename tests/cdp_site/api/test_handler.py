import pytest

from cdp_site.api.handler import TokensApart


def whole(_environ, _start):
    return [b"whole"]


def tokens(_environ, _start):
    return [b"tokens"]


@pytest.mark.parametrize(
    ("path", "header", "way"),
    [
        ("/api/v1/profiles/", "Bearer hw_x", b"tokens"),
        ("/api/v1/profiles/", "bearer hw_x", b"tokens"),
        ("/api/v1/profiles/", "Basic hw_x", b"whole"),
        ("/api/v1/profiles/", "", b"whole"),
        ("/api/docs/", "Bearer hw_x", b"whole"),
        ("/admin/", "Bearer hw_x", b"whole"),
    ],
)
def test_only_requests_of_the_api_with_a_token_go_their_own_way(path, header, way):
    environ = {"PATH_INFO": path, "HTTP_AUTHORIZATION": header}
    assert TokensApart(whole, tokens)(environ, dict) == [way]
