"""Attacks on files of the admin: 35 export links, 42 bulk export, 44 names of files."""

import re
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from compliance.domain.users import deactivate
from compliance.enums import Category, Operation
from compliance.models import AuditEntry, Role, User
from ingestion.models import FileImport
from tests.attacks.planted import FILE, OTHER, USER
from tests.attacks.walking import text_of
from tests.attacks.world import BY, person_of, program, staff, upload

HARMFUL = (
    "../../../../etc/cron.d/evil.csv", "..\\..\\evil.csv", "/etc/passwd.csv", 'a"; filename="b.html', "a\r\nX-Injected: yes\r\n.csv",
    "<img src=x onerror=alert(1)>.csv", "=cmd|' /C calc'!A0.csv", "\u202evsc.exe", "x" * 500 + ".csv", "con.csv", ".htaccess", "a;b,c.csv",
)  # fmt: skip


pytestmark = pytest.mark.usefixtures("planted", "at_home")


def test_the_address_of_an_export_is_worth_nothing_to_another_or_afterwards(world):
    """Attack 35: another user, signed out, no longer allowed, deactivated."""
    owner = staff("exports", categories=Category)
    source = SimpleUploadedFile("errors.csv", FILE.encode() + b"35")
    owner.post("/admin/imports/new/", {"source": "Orders", "file": source})
    found = FileImport.objects.latest("pk")
    link = f"/admin/imports/{found.pk}/errors.csv"
    assert owner.get(link).status_code == 200
    assert staff("imports only", operations=[Operation.IMPORTS_RUN]).get(link).status_code == 403
    assert Client().get(link).status_code == 302
    stolen = Client(headers={"Cookie": owner.cookies.output(header="", sep=";").strip()})
    Role.objects.filter(group__name="exports").update(operations=[Operation.HOME_VIEW])
    assert owner.get(link).status_code == 403
    Role.objects.filter(group__name="exports").update(operations=list(Operation))
    assert owner.get(link).status_code == 200
    assert owner.post("/admin/logout/").status_code < 400
    assert stolen.get(link).status_code == 302
    again = staff("exports")
    deactivate(user=User.objects.get(username="exports"), by=BY)
    assert again.get(link).status_code == 302


def test_no_export_has_an_address_that_a_look_opens(world):
    """Attack 35: what gives a file is posted with a token of the form; a link, an image or a prefetch gets none."""
    actor = staff("looks", categories=Category)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="looks"))
    for address in (f"/admin/people/{person_of(USER)}/export/", "/admin/privacy/audit/export/"):
        assert "attachment" not in actor.get(address).headers.get("Content-Disposition", "")
        assert strict.post(address, {"form": "csv"}).status_code == 403


@pytest.mark.parametrize("missing", [Operation.PEOPLE_EXPORT, Operation.AUDIT_VIEW])
def test_nobody_exports_without_the_operation_for_it(world, missing):
    """Attack 42."""
    may = [each for each in Operation if each != missing]
    actor, caller = staff(f"without {missing}", operations=may), program(operations=may)
    address = {
        Operation.PEOPLE_EXPORT: f"/admin/people/{person_of(USER)}/export/", Operation.AUDIT_VIEW: "/admin/privacy/audit/export/",
    }[missing]  # fmt: skip
    for answer in (actor.post(address, {"form": "csv", "why": "x"}), actor.get(address)):
        assert answer.status_code in (403, 405)
    if missing is Operation.AUDIT_VIEW:
        assert (
            caller.post("/api/v1/audit/export/", {"form": "csv"}, content_type="application/json").status_code
            == 403
        )
    assert AuditEntry.objects.filter(
        action="access.denied", target=missing.value, actor=f"without {missing}"
    ).exists()


def test_every_answer_about_more_than_one_person_is_kept_with_all_of_them(world):
    """Attack 42: lists instead of an export. Whoever reads people page by page leaves each of them in the trail."""
    caller = program()
    before = AuditEntry.objects.latest("pk").pk
    found = caller.get("/api/v1/profiles/?page_size=500").json()["results"]
    assert len(found) > 3
    rows = AuditEntry.objects.filter(pk__gt=before, actor="program")
    assert sum(len(row.subjects) for row in rows) == len(found)
    actor = staff("reads", categories=Category)
    before = AuditEntry.objects.latest("pk").pk
    page = text_of(actor.get("/admin/people/"))
    shown = set(re.findall(r"/admin/people/([0-9a-f-]{36})/", page))
    kept = {
        each
        for row in AuditEntry.objects.filter(pk__gt=before, action="people.newest")
        for each in row.subjects
    }
    assert len(shown) == len(kept) > 3


@pytest.mark.parametrize("name", HARMFUL)
def test_a_name_of_a_file_is_a_text_and_nothing_else(world, name):
    """Attack 44: uploaded through the form; shown, given back and stored."""
    actor = staff("uploads", categories=Category)
    uploads = world.home / "uploads"
    before = set(world.home.rglob("*"))
    answer = upload(actor, name, FILE + name)
    assert answer.status_code in (302, 400)
    made = set(world.home.rglob("*")) - before - {uploads}
    assert all(path.parent == uploads and re.fullmatch(r"[\w.-]{1,100}", path.name) for path in made), made
    if answer.status_code == HTTPStatus.FOUND:
        found = FileImport.objects.latest("pk")
        page = actor.get(f"/admin/imports/{found.pk}/")
        assert b"<img src=x" not in page.content
        errors = actor.get(f"/admin/imports/{found.pk}/errors.csv")
        assert errors.headers["Content-Disposition"] == f'attachment; filename="import-{found.pk}-errors.csv"'
        errors.close()
        assert "X-Injected" not in page.headers


def test_files_that_are_given_have_names_of_ours(world):
    """Attack 44: nothing of a person, a file or a search stands in the name of what is downloaded."""
    actor = staff("downloads", categories=Category)
    person = actor.post(f"/admin/people/{person_of(OTHER)}/export/", {"why": 'x"; filename="evil.html'})
    trail = actor.post('/admin/privacy/audit/export/?by=x";filename="evil.html', {"form": "csv"})
    for answer in (person, trail):
        assert re.fullmatch(r'attachment; filename="[\w.-]+"', answer.headers["Content-Disposition"])
        text_of(answer)
