"""Which event logs a test runs on."""

import pytest

_KAFKA = pytest.param("brokers", marks=pytest.mark.kafka, id="kafka")
_PROXIED = pytest.param("proxied_brokers", marks=pytest.mark.kafka, id="kafka")
_POSTGRES = pytest.param("postgres", id="postgres")

on_kafka = pytest.mark.parametrize("place", [_KAFKA], indirect=True)
on_postgres = pytest.mark.parametrize("place", [_POSTGRES], indirect=True)
on_both = pytest.mark.parametrize("place", [_KAFKA, _POSTGRES], indirect=True)
behind_proxies = pytest.mark.parametrize(
    "place", [_PROXIED], indirect=True
)  # the brokers' network may fail too
