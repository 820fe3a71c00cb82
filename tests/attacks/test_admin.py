"""Attacks on the admin: 23 ids of others, 25 mass assignment, 26 method override, 34 personal data in addresses, 30 sign-in."""

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from benchmarks._unmeasured import POSTED
from compliance.domain.tokens import revoke_token
from compliance.enums import Category, Operation
from compliance.models import ApiToken, AuditEntry, NoticeReceipt, Role, User
from compliance.notices.audience import only
from compliance.notices.telling import notify
from profiles.models import Anchor, Profile
from streaming.screens import registered_screens
from tests.attacks.planted import EMAIL, FILE, USER
from tests.attacks.walking import text_of
from tests.attacks.world import BY, person_of, program, staff, token

pytestmark = pytest.mark.usefixtures("planted", "at_home")


def test_nobody_opens_or_marks_what_stands_in_the_inbox_of_another(world):
    """Attack 23: notices by their numbers."""
    owner, other = staff("owner"), staff("other")
    now = timezone.now()
    notify(
        "job_finished", "Import 1 is done", link="/admin/imports/", audience=only("owner"), now=now, key="x1"
    )
    receipt = NoticeReceipt.objects.filter(user__username="owner").latest("pk")
    assert other.get(f"/admin/inbox/{receipt.pk}/").status_code == 404
    for word in ("read", "unread", "tomorrow"):
        other.post(f"/admin/inbox/{receipt.pk}/mark/", {"as": word})
    other.post("/admin/inbox/all/")
    receipt.refresh_from_db()
    assert (receipt.read_at, receipt.snoozed_until) == (None, None)
    assert owner.get(f"/admin/inbox/{receipt.pk}/").status_code == 302


def test_a_search_is_found_in_the_session_that_keeps_it_alone(world):
    """Attack 23: the address of somebody's search, tried by another and after signing in again."""
    searcher, other = staff("searcher"), staff("other")
    addresses = [
        searcher.post("/admin/people/", {"q": "Zqidentity"}).headers["Location"],
        searcher.post("/admin/catalogue/", {"text": "Zqidentity"}).headers["Location"],
        searcher.post("/admin/privacy/audit/", {"person": f"user_id:{USER}"}).headers["Location"],
        searcher.post("/admin/live/", {"text": "Zqidentity"}).headers["Location"],
    ]
    for address in addresses:
        assert "zqidentity" in text_of(searcher.get(address)), address
        for stranger in (other, staff("searcher")):
            assert 'value="zqidentity' not in text_of(stranger.get(address, follow=True)), address


def test_an_id_that_was_merged_away_leads_to_who_holds_it_and_the_look_is_kept_of_them(world):
    """Attack 23: by each id that the person ever had, and by ids of nobody."""
    actor, caller = staff("looks"), program()
    held = Profile.objects.get(public_id=person_of(USER))
    ids = [str(each) for each in Anchor.objects.filter(profile=held).values_list("birth_id", flat=True)]
    assert ids
    for each in ids:
        before = AuditEntry.objects.latest("pk").pk
        assert caller.get(f"/api/v1/profiles/{each}/").json()["id"] == str(held.public_id)
        assert actor.get(f"/admin/people/{each}/", follow=True).status_code == 200
        assert (
            AuditEntry.objects.filter(pk__gt=before, action="person.read").exclude(subjects=[]).count() >= 2
        )
    for nobody in (uuid.uuid4(), uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)):
        assert caller.get(f"/api/v1/profiles/{nobody}/").status_code == 404
        assert actor.get(f"/admin/people/{nobody}/").status_code == 404


def test_fields_that_no_form_has_give_nobody_more(world):
    """Attack 25: to every form that makes or changes users, roles, tokens and settings."""
    actor = staff("manages", categories=Category)
    powerful = {
        "is_superuser": "1", "is_staff": "1", "is_active": "1", "user": "1", "user_id": "1", "groups": "1", "user_permissions": "1",
        "operations": list(Operation), "operation": list(Operation), "categories": list(Category), "hash": "00", "by": "root", "pk": "1", "id": "1",
    }  # fmt: skip
    user = User.objects.get(username="manages")
    before = _powers()
    forms: list[tuple[str, dict[str, Any]]] = [
        (
            "settings/users/new/",
            {"username": "made", "password": "a long pass of words 77", "role": "marketer"},
        ),
        ("settings/tokens/new/", {"name": "made", "scope": ["people.view"], "category": [], "days": "30"}),
        ("settings/notifications/", {"job_ended": "email"}),
        (
            "password_change/",
            {"old_password": "x", "new_password1": "y", "new_password2": "z", "username": "other"},
        ),
        (
            "imports/new/",
            {
                "source": "Web shop",
                "file": SimpleUploadedFile("a.csv", FILE.encode()),
                "state": "done",
                "uploaded": "",
            },
        ),
        ("sources/new/", {"name": "Made"}),
        (
            "connections/new/",
            {"kind": "sql", "name": "Made", "source": "Made", "dialect": "sqlite", "database": "/nowhere"},
        ),
        (f"settings/users/{user.pk}/roles/", {"role": ["manages"]}),
    ]
    for path, fields in forms:
        assert actor.post(f"/admin/{path}", {**powerful, **fields}).status_code < 500, path
    made = ApiToken.objects.filter(name="made").first()
    assert made is not None
    assert (made.scopes, made.categories, made.created_by) == (["people.view"], [], "manages")
    assert User.objects.get(username="made").groups.get().name == "marketer"
    assert _powers() == before


def _powers() -> list[Any]:
    roles = Role.objects.order_by("pk").values_list("operations", "categories")
    return [
        *roles,
        User.objects.filter(is_superuser=True).count(),
        User.objects.get(username="manages").is_superuser,
    ]


def test_nothing_is_changed_by_a_get_however_it_is_dressed(world):
    """Attack 26: every address that takes only what is posted, asked for with GET and the words for POST."""
    actor = staff("dresses", categories=Category)
    before = AuditEntry.objects.exclude(action__contains="read").exclude(action__contains="view").count()
    for route in sorted(POSTED):
        if not route.startswith("admin/"):
            continue
        address = "/" + re.sub(
            r"<(\w+):\w+>", lambda found: {"uuid": str(uuid.uuid4())}.get(found[1], "1"), route
        )
        for headers, query in (
            ({"X-HTTP-Method-Override": "POST"}, ""),
            ({"X-HTTP-Method": "POST"}, "?_method=POST&csrfmiddlewaretoken=x"),
        ):
            assert actor.get(f"{address}{query}", headers=headers).status_code in (302, 404, 405), address
    after = AuditEntry.objects.exclude(action__contains="read").exclude(action__contains="view").count()
    assert after == before


def test_what_is_looked_for_stands_in_no_address(world):
    """Attack 34: every form that looks for a person or a text, by e-mail address, telephone number and name."""
    actor = staff("seeks", categories=Category)
    for text in (EMAIL, "+49 30 5550177", "0305550177", "Zqidentity Person"):
        for address, field in (
            ("/admin/people/", "q"), ("/admin/live/", "text"), ("/admin/live/", "who"), ("/admin/catalogue/", "text"),
            ("/admin/catalogue/keys/", "text"), ("/admin/trace/", "message"), ("/admin/privacy/audit/", "person"),
            ("/admin/privacy/audit/alerts/", "person"), (f"/admin/people/{person_of(USER)}/", "text"),
        ):  # fmt: skip
            answer = actor.post(address, {field: text}, follow=True)
            for location, _ in answer.redirect_chain:
                assert not re.search(r"zqcontact|5550177|zqidentity", location.lower()), (address, location)


def test_a_token_is_refused_from_the_next_request_on(world):
    """Attack 30: also for an address that it has just read, and one that another token may read."""
    secret = token()
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    address = f"/api/v1/profiles/{person_of(USER)}/"
    assert caller.get(address).status_code == 200
    revoke_token(token=ApiToken.objects.latest("pk"), by=BY, now=timezone.now())
    assert {
        caller.get(path).status_code
        for path in (address, "/api/v1/profiles/", "/api/v1/nothing/../profiles/")
    } <= {401, 404}
    assert Client(headers={"Authorization": f"Bearer {secret} "}).get(address).status_code == 401
    assert Client(headers={"Authorization": f"bearer\t{secret}"}).get(address).status_code == 401


def test_every_screen_sends_whoever_is_not_signed_in_to_the_sign_in(world):
    """Attack 30: whatever the cookie says."""
    for cookie in ("", "x", "../../x", "0" * 32, "a" * 5000):
        stranger = Client(headers={"Cookie": f"sessionid={cookie}"} if cookie else {})
        for screen in registered_screens():
            if "<" not in screen.path:
                answer = stranger.get(f"/admin/{screen.path}")
                assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == (
                    302,
                    "/admin/login/",
                ), screen.path
