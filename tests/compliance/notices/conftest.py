"""Members of staff without passwords, whose hashing takes long; a mail server, and the settings that name it."""

import pytest
from django.contrib.auth.models import Group

from compliance.models import User
from tests.compliance.conftest import NOW
from tests.smtp_sink import Sink, make_certificate, serving


@pytest.fixture
def use(settings):
    """Have e-mails go to this port."""

    def set_up(
        port, *, tls=False, starttls=False, ca_file="", user="", password="", timeout=2, host="localhost"
    ):
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = host, port, timeout
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL, settings.EMAIL_CA_FILE = starttls, tls, str(ca_file)
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = user, password
        settings.DEFAULT_FROM_EMAIL = "Headwater <headwater@example.com>"
        settings.PUBLIC_URL = "https://cdp.example.com"

    return set_up


@pytest.fixture
def sink(use):
    with serving(Sink()) as server:
        use(server.port)
        yield server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


def make_staff(name: str, role: str) -> User:
    """Somebody who has this role and never signs in."""
    user = User.objects.create(username=name, is_staff=True, date_joined=NOW)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def administrator(db):
    return make_staff("ada", "administrator")


@pytest.fixture
def marketer(db):
    return make_staff("mia", "marketer")
