"""Who may read /metrics: with tokens whoever brings one, without them the machine itself."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from cdp_site.metrics.readers import Readers, metrics_tokens

OLD, NEW = "a" * 32, "b" * 40


def refused(
    *tokens: str, client: str = "127.0.0.1", host: str = "localhost:8000", **headers: str
) -> int | None:
    given = [(b"host", host.encode())] + [
        (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
    ]
    refusal = Readers(tokens).refusal({"client": (client, 4711), "headers": given})
    return refusal and refusal[0]


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_without_tokens_the_machine_itself_reads_it(client):
    assert refused(client=client) is None


@pytest.mark.parametrize("client", ["10.0.0.7", "::ffff:10.0.0.7", "2001:db8::1", "", "nonsense"])
def test_and_nobody_else(client):
    assert refused(client=client) == 404
    assert refused(client=client, authorization=f"Bearer {NEW}") == 404


@pytest.mark.parametrize(
    "name", ["x_forwarded_for", "forwarded", "x_real_ip", "x_forwarded_proto", "X_Forwarded_For", "via"]
)
def test_nor_whom_a_proxy_on_this_machine_brings(name):
    assert refused(**{name: "127.0.0.1"}) == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8000", "web:8000"]
)
def test_nor_a_page_whose_name_was_given_our_address(host):
    assert refused(host=host) == 404


def test_with_tokens_each_of_them_counts_from_everywhere_under_any_name():
    for token in (OLD, NEW):
        assert refused(OLD, NEW, client="10.0.0.7", host="web:8000", authorization=f"Bearer {token}") is None
    assert refused(NEW, x_forwarded_for="10.0.0.7", authorization=f"bearer {NEW}") is None


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", f"Bearer {OLD}", f"Basic {NEW}", f"Bearer {NEW}x", NEW, f"Bearer {NEW[:-1]}"],
)
def test_and_nothing_else_does_not_even_on_the_machine_itself(given):
    assert refused(NEW, authorization=given) == 401
    assert refused(NEW) == 401


def test_tokens_are_read_by_themselves_and_refused_without_being_repeated():
    assert metrics_tokens([f" {NEW} ", "", OLD]) == [NEW, OLD]
    for wrong in ("short-secret", "ä" * 32, "with space" * 8):
        with pytest.raises(
            ImproperlyConfigured, match="METRICS_TOKEN: each token has at least 32"
        ) as refusal:
            metrics_tokens([NEW, wrong])
        assert wrong not in str(refusal.value)
