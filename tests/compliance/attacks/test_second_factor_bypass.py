"""A second factor that a role asks for is not walked around: on no route, with no method, in no half-signed-in state."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from compliance.access import actor_of_staff
from compliance.domain import second_factors
from compliance.domain.approvals.deciding import approve
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.second_factors import Answer
from compliance.domain.users import create_staff
from compliance.models import Approval, ApprovalPolicy, AuditEntry, Role, User, UserSession
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM
from tests.compliance.second_factor import ask_of, own, with_app

OPEN = {
    "admin/login/", "admin/login/code/", "admin/login/factor/", "admin/login/password/", "admin/logout/",
    "admin/welcome/", "", "admin/jsi18n/", "api/", "api/docs/", "api/schema/",
}  # fmt: skip
VALUES = {
    "int": "1", "uuid": "00000000-0000-0000-0000-000000000000", "slug": "a", "str": "a", "path": "a",
}  # fmt: skip


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        text = before + str(pattern.pattern)
        found += routes(pattern.url_patterns, text) if isinstance(pattern, URLResolver) else [text]
    return found


def address_of(route: str) -> str:
    parts = [
        VALUES[part[1:].split(":")[0]] if part.startswith("<") and ":" in part else part
        for part in route.split("/")
    ]
    return "/" + "/".join(parts)


def closed_routes() -> list[str]:
    """Every route that is for members of staff."""
    every = [
        each
        for each in routes(get_resolver().url_patterns)
        if "(" not in each
        and "<"
        not in each.replace("<int:", "")
        .replace("<uuid:", "")
        .replace("<slug:", "")
        .replace("<str:", "")
        .replace("<path:", "")
    ]
    return sorted(set(every) - OPEN)


def is_let_in(client: Client, route: str) -> bool:
    """Whether anything but the sign-in, or a refusal, is answered."""
    for answer in (client.get(address_of(route)), client.post(address_of(route))):
        if (file := getattr(answer, "file_to_stream", None)) is not None:
            file.close()  # to close the answer itself would end the session of the database
        leads_to_sign_in = answer.status_code == 302 and "/admin/login/" in answer["Location"]
        if not leads_to_sign_in and answer.status_code not in (401, 403, 404, 405, 429):
            return True
    return False


@pytest.mark.django_db
def test_with_the_password_alone_no_route_lets_anybody_in(administrator):
    ask_of("administrator")
    client = Client(raise_request_exception=False)
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert len(closed_routes()) > 200
    assert [route for route in closed_routes() if is_let_in(client, route)] == []


@pytest.mark.django_db
def test_before_the_code_no_route_lets_anybody_in(administrator):
    with_app(administrator)
    client = Client(raise_request_exception=False)
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert [route for route in closed_routes() if is_let_in(client, route)] == []
    assert not UserSession.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"code": ""}, {"code": ["000000", "111111"]}, {"is_coded": "true"}, {}])
def test_no_field_makes_up_for_the_code(administrator, fields):
    with_app(administrator)
    client = Client()
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert client.post("/admin/login/code/", fields).status_code == 400
    assert client.get("/admin/inbox/").status_code == 302


@pytest.mark.django_db
def test_who_has_an_app_does_not_set_up_another_instead(administrator):
    ask_of("administrator")
    with_app(administrator)
    client = Client()
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert client.get("/admin/login/factor/")["Location"] == "/admin/login/"


@pytest.mark.django_db
def test_the_code_of_somebody_else_does_not_count(administrator, marketer):
    with_app(administrator)
    phone, codes = with_app(marketer)
    client = Client()
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert client.post("/admin/login/code/", {"code": phone.code()}).status_code == 400
    assert client.post("/admin/login/code/", {"code": codes[0]}).status_code == 400


def test_of_many_who_type_the_same_code_at_once_one_gets_in(fresh_database):
    user = User.objects.create(username="mia", is_staff=True)
    phone, _ = with_app(user)
    code, answers = phone.code(), []
    together = threading.Barrier(4)

    def attempt() -> None:
        together.wait()
        try:
            answers.append(second_factors.verify(user=user, typed=code, by=own(user), now=timezone.now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(Answer.RIGHT) == 1
    assert len(answers) == 4


def test_nobody_alone_takes_the_second_factor_from_a_role_they_have(as_administrator):
    for name in ("administrator", "marketer"):
        ask_of(name)
    UserSession.objects.update(second_factor_at=timezone.now())
    own_role, other = (Role.objects.get(group__name=name) for name in ("administrator", "marketer"))
    for role in (own_role, other):
        as_administrator.post(f"/admin/settings/roles/{role.pk}/factor/", {"required": "no"})
    page = as_administrator.get("/admin/settings/users/").content.decode()
    assert "You have the role administrator yourself: have somebody who has it not switch this off" in page
    assert list(Role.objects.filter(requires_second_factor=True)) == [own_role]
    assert [row.target for row in AuditEntry.objects.filter(action="role.second_factor")] == ["role:marketer"]


def test_where_changes_of_roles_take_two_the_second_factor_does(as_administrator, administrator):
    ApprovalPolicy.objects.create(kinds=[ApprovalKind.CHANGE_ROLE])
    create_staff(username="dora", password=PASSWORD, role="DPO", by=SYSTEM, now=NOW)
    dora = actor_of_staff(User.objects.get(username="dora"))
    ask_of("administrator")
    UserSession.objects.update(second_factor_at=timezone.now())
    role = Role.objects.get(group__name="administrator")
    as_administrator.post(
        f"/admin/settings/roles/{role.pk}/factor/", {"required": "no", "why": "we move to another app"}
    )
    assert second_factors.needs_one(administrator)
    asked = Approval.objects.get()
    assert (asked.target, asked.asked_by) == (
        "Second factor of the role administrator",
        administrator.username,
    )
    page = as_administrator.get(f"/admin/privacy/approvals/{asked.pk}/").content.decode()
    assert "asked for → not asked for" in page
    approve(asked.pk, seen=asked.digest, why="", by=dora, now=timezone.now())
    assert not second_factors.needs_one(administrator)
    changed = AuditEntry.objects.get(action="role.second_factor")
    assert (changed.actor, changed.detail) == (
        administrator.username, {"required": False, "approved_by": "dora"},
    )  # fmt: skip
