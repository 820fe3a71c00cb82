"""Who may send large bodies: asked with nothing but the headers of the request."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from cdp_site.web.bodies import SMALL_BYTES
from cdp_site.web.uploads import UPLOAD_PATH, import_uploads, may_import
from compliance.domain.sessions import hash_of
from compliance.domain.users import create_staff
from compliance.models import Role, User, UserSession
from ingestion.models import FileImport
from tests.cdp_site.web.test_django_threads import Conversation, ask
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL

pytestmark = pytest.mark.usefixtures(
    "fresh_database"
)  # a transaction would keep the connection from its check


def environ(session: str | None) -> dict[str, object]:
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": UPLOAD_PATH, "REMOTE_ADDR": "127.0.0.1", "wsgi.input": BytesIO(),
        **({"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}),
    }  # fmt: skip


def client_of(role: str) -> Client:
    client = Client()
    known = User.objects.filter(username=role).first()
    client.force_login(
        known or create_staff(username=role, password="harbour-lights-42", role=role, by=ALL, now=START)
    )
    return client


def session_of(role: str) -> str:
    return client_of(role).cookies[settings.SESSION_COOKIE_NAME].value


def alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, closing the connection of a thread that lives no longer than the test."""

    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return call


def test_the_address_is_that_of_the_page():
    assert reverse("admin:import_new") == UPLOAD_PATH


def test_those_who_may_import_may_send_much():
    assert may_import(environ(session_of("administrator")))


def test_others_may_not():
    assert not may_import(environ(session_of("marketer")))
    assert not may_import(environ("forged"))
    assert not may_import(environ(None))


def test_a_session_that_was_left_alone_too_long_or_has_expired_sends_nothing(settings):
    left, over, used = (session_of("administrator") for _ in range(3))
    now = timezone.now()
    idle_since = now - timedelta(minutes=settings.SESSION_IDLE_MINUTES, seconds=1)
    UserSession.objects.filter(key_hash=hash_of(left)).update(seen_at=idle_since)
    UserSession.objects.filter(key_hash=hash_of(over)).update(expires_at=now)
    assert [may_import(environ(each)) for each in (left, over, used)] == [False, False, True]


def test_a_session_without_the_second_factor_that_a_role_asks_for_sends_nothing():
    session = session_of("administrator")
    Role.objects.filter(group__name="administrator").update(requires_second_factor=True)
    assert not may_import(environ(session))


def test_a_large_file_arrives_in_the_admin_and_a_strangers_is_not_read(tmp_path, settings):
    settings.HEADWATER_HOME = tmp_path
    content = b"customer_id,note\n" + b"c-2,y\n" * (SMALL_BYTES // 6)
    form = encode_multipart(BOUNDARY, {"source": "Orders", "file": SimpleUploadedFile("orders.csv", content)})
    parts = [form[start : start + (1 << 20)] for start in range(0, len(form), 1 << 20)]
    client = client_of("administrator")
    client.get(UPLOAD_PATH)

    def send(cookies: str) -> Conversation:
        headers: list[tuple[bytes, bytes]] = [
            (b"host", b"localhost"),
            (b"content-type", MULTIPART_CONTENT.encode()),
            (b"cookie", cookies.encode()),
            (b"x-csrftoken", client.cookies["csrftoken"].value.encode()),
        ]
        scope: dict[str, Any] = {"path": UPLOAD_PATH, "headers": headers}
        uploads = import_uploads(size=1 << 24)
        uploads = replace(uploads, may_send=alone(uploads.may_send))
        return ask(alone(WSGIHandler()), Conversation(*parts), uploads=uploads, **scope)

    assert send("").status == 413
    assert send("; ".join(f"{name}={each.value}" for name, each in client.cookies.items())).status == 302
    found = FileImport.objects.get()
    assert next((tmp_path / "uploads").iterdir()).stat().st_size == len(content)
    assert found.source.name == "Orders"
