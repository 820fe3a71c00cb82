"""What an operator sets from outside: read, typed, and refused with a message that says what it should be."""

import re
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from cdp_site.env import database_settings, read_environment
from tests.conftest import ROOT


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Sets variables and reads the environment, with a home of its own and nothing else set."""
    for name in ("DATABASE_URL", "EVENT_LOG", "PORT", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEADWATER_HOME", str(tmp_path / "home"))

    def read(**variables: str):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return read_environment()

    return read


def test_nothing_has_to_be_set(environment, tmp_path):
    given = environment()
    assert given.home == tmp_path / "home"
    assert given.database is None
    assert given.event_log == "postgres://"
    assert given.public_url == "http://localhost:8000"
    assert given.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert given.debug is False


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "PORT"),
        ("PORT", "70000", "PORT"),
        ("PORT", "0", "PORT"),
        ("WEB_THREADS", "0", "WEB_THREADS"),
        ("DEBUG", "perhaps", "DEBUG"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT"),
        ("SPOOL_LIMIT_MB", "-1", "SPOOL_LIMIT_MB"),
        ("DATABASE_URL", "mysql://root@localhost/x", "DATABASE_URL should look like postgres://"),
        ("DATABASE_URL", "postgres://localhost", "DATABASE_URL should look like postgres://"),
        ("EVENT_LOG", "kafka://", "EVENT_LOG should be postgres:// or kafka://host:9092"),
        ("EVENT_LOG", "localhost:9092", "EVENT_LOG should be"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy", "TRUSTED_PROXIES should be addresses or networks"),
        ("TIME_ZONE", "Mars/Olympus", "TIME_ZONE should be a name such as Europe/Berlin"),
        ("TIME_ZONE", "../etc/passwd", "TIME_ZONE"),
        ("METRICS_TOKEN", "secret7", "METRICS_TOKEN: each token has at least 32"),
        ("HOST_NAME", "web/1", "HOST_NAME should be up to 80 letters"),
        ("PUBLIC_URL", "cdp.example.com", "PUBLIC_URL should look like https://cdp.example.com"),
        ("PUBLIC_URL", "https://cdp.example.com/below", "PUBLIC_URL should look like"),
    ],
)
def test_a_wrong_value_is_refused_and_named(environment, name, value, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        environment(**{name: value})


def test_the_public_address_is_among_the_allowed_hosts(environment):
    given = environment(PUBLIC_URL="https://cdp.example.com/", ALLOWED_HOSTS="internal")
    assert given.public_url == "https://cdp.example.com"
    assert given.allowed_hosts == ["internal", "cdp.example.com"]


def test_the_secret_is_made_once_and_only_its_owner_reads_it(environment):
    first = environment()
    assert len(first.secret_key) >= 50
    assert environment().secret_key == first.secret_key
    assert stat.S_IMODE((first.home / "secret_key").stat().st_mode) == 0o600


def test_a_given_secret_is_used(environment):
    given = environment(SECRET_KEY="s" * 60)
    assert given.secret_key == "s" * 60
    assert not (given.home / "secret_key").exists()


def test_a_database_url_may_hold_anything_that_postgres_takes():
    assert database_settings("postgres://me:p%40ss%2F@[::1]:6000,db2/cdp%20x?sslmode=require") == {
        "NAME": "cdp x", "USER": "me", "PASSWORD": "p@ss/", "HOST": "::1,db2", "PORT": "6000,5432",
        "OPTIONS": {"sslmode": "require", "target_session_attrs": "read-write"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("postgres://me@db1/cdp", None),
        ("postgres://me@db1:5432,db2:5433/cdp", "read-write"),
        ("postgres://me@/cdp?host=db1,db2&port=5432,5433", "read-write"),
        ("postgres://me@db1,db2/cdp?target_session_attrs=primary", "primary"),
    ],
)
def test_of_several_servers_the_one_that_takes_writes_is_meant(url, asked):
    settings = database_settings(url)
    assert settings is not None
    assert settings["OPTIONS"].get("target_session_attrs") == asked


def test_a_machine_has_its_own_name_unless_it_is_given_one(environment, monkeypatch):
    monkeypatch.delenv("HOST_NAME", raising=False)
    monkeypatch.setattr("socket.gethostname", lambda: "_my machine.local")
    assert environment().host_name == "my-machine.local"
    assert environment(HOST_NAME="web-1").host_name == "web-1"


def test_the_guide_names_every_setting():
    names = set()
    for module in ("env.py", "directory.py"):
        names |= set(
            re.findall(
                r'(?:env\.\w+\(|(?:number|_choice)\(env, )"([A-Z_]+)"',
                (ROOT / "cdp_site" / module).read_text(),
            )
        )
    guide = (ROOT / "docs" / "guides" / "operations.md").read_text()
    assert len(names) > 20
    assert {name for name in names if f"`{name}`" not in guide} == set()


def test_a_mail_server_is_read_with_the_port_of_its_security(environment):
    assert environment().mail_server is None
    given = environment(SMTP_HOST="mail.example.com", SMTP_FROM="Headwater <hw@example.com>").mail_server
    assert given is not None
    assert (given.port, given.security, given.timeout_s) == (587, "starttls", 10)
    given = environment(SMTP_SECURITY="tls").mail_server
    assert given is not None
    assert given.port == 465


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SMTP_FROM": ""}, "SMTP_FROM should be the address"),
        ({"SMTP_FROM": "nobody"}, "SMTP_FROM should be the address"),
        ({"SMTP_FROM": "a@b.example\r\nBcc: c@d.example"}, "SMTP_FROM should be the address"),
        ({"SMTP_HOST": "smtp://mail"}, "SMTP_HOST should be the name of a mail server"),
        ({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"),
        ({"SMTP_PORT": "0"}, "SMTP_PORT"),
        ({"SMTP_TIMEOUT_S": "600"}, "SMTP_TIMEOUT_S"),
        ({"SMTP_USER": "me"}, "SMTP_USER and SMTP_PASSWORD go together"),
        ({"SMTP_USER": "me", "SMTP_PASSWORD": "p", "SMTP_SECURITY": "none"}, "would be sent in the clear"),
        ({"SMTP_CA_FILE": "/nowhere.pem"}, "SMTP_CA_FILE should name a file"),
    ],
)
def test_a_wrong_mail_server_is_refused_and_named(environment, variables, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        environment(**{"SMTP_HOST": "mail.example.com", "SMTP_FROM": "hw@example.com", **variables})
