"""TLS and login for Kafka: read from the environment, refused with one clear line, and never shown."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from cdp_site.env import event_log_url
from cdp_site.kafka_access import KafkaAccess, read_kafka_access

LOGIN = {
    "KAFKA_SECURITY_PROTOCOL": "sasl_ssl",
    "KAFKA_SASL_MECHANISM": "scram-sha-512",
    "KAFKA_SASL_USERNAME": "headwater",
    "KAFKA_SASL_PASSWORD": "harbour-lights-42",
}


@pytest.fixture
def read(monkeypatch):
    def read(**variables: str) -> KafkaAccess:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return read_kafka_access(Env())

    return read


def test_without_settings_nothing_is_guarded(read):
    assert read().client_settings == {"security.protocol": "PLAINTEXT"}


def test_login_and_tls_are_the_clients_settings(read, tmp_path):
    files = {name: tmp_path / name for name in ("ca", "certificate", "key")}
    for path in files.values():
        path.write_text("PEM")
    access = read(
        **LOGIN, KAFKA_SSL_CA_LOCATION=str(files["ca"]), KAFKA_SSL_CERTIFICATE_LOCATION=str(files["certificate"]),
        KAFKA_SSL_KEY_LOCATION=str(files["key"]),
    )  # fmt: skip
    assert access.client_settings == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "headwater",
        "sasl.password": "harbour-lights-42",
        "ssl.ca.location": str(files["ca"]),
        "ssl.certificate.location": str(files["certificate"]),
        "ssl.key.location": str(files["key"]),
        "ssl.endpoint.identification.algorithm": "https",
    }
    assert "harbour" not in repr(access)


def test_the_name_is_not_checked_only_when_somebody_says_so(read):
    access = read(**LOGIN, KAFKA_SSL_CHECK_HOSTNAME="false")
    assert access.client_settings["ssl.endpoint.identification.algorithm"] == "none"


def test_a_password_may_stand_in_a_file(read, tmp_path):
    path = tmp_path / "password"
    path.write_text("harbour-lights-42\n")
    access = read(**{**LOGIN, "KAFKA_SASL_PASSWORD": ""}, KAFKA_SASL_PASSWORD_FILE=str(path))
    assert access.password == "harbour-lights-42"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL should be one of PLAINTEXT, SSL"),
        ({**LOGIN, "KAFKA_SASL_MECHANISM": "GSSAPI"}, "KAFKA_SASL_MECHANISM should be one of PLAIN, SCRAM"),
        ({**LOGIN, "KAFKA_SASL_PASSWORD": ""}, "SASL_SSL, which needs KAFKA_SASL_PASSWORD too"),
        ({"KAFKA_SASL_USERNAME": "me"}, "KAFKA_SASL_USERNAME would not be used"),
        (
            {**LOGIN, "KAFKA_SASL_PASSWORD_FILE": "/none"},
            "set KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE",
        ),
        (
            {**LOGIN, "KAFKA_SSL_CA_LOCATION": "/none"},
            "KAFKA_SSL_CA_LOCATION names /none, which cannot be read",
        ),
        ({"KAFKA_SSL_CA_LOCATION": __file__}, "KAFKA_SSL_CA_LOCATION would not be used"),
        ({**LOGIN, "KAFKA_SSL_KEY_LOCATION": __file__}, "belong together"),
    ],
)
def test_what_is_wrong_is_named_and_no_password_repeated(read, variables, said):
    with pytest.raises(ImproperlyConfigured, match=said) as caught:
        read(**variables)
    assert "harbour" not in str(caught.value)


@pytest.mark.parametrize("url", ["kafka://host:9092?sasl.password=harbour", "kafa://me:harbour@host"])
def test_an_address_with_a_password_is_refused_without_repeating_it(url):
    with pytest.raises(ImproperlyConfigured, match="EVENT_LOG") as caught:
        event_log_url(url)
    assert "harbour" not in str(caught.value)
