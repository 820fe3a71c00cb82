"""Attacks 24 and 54: what is closed to an actor, read through pages, answers, searches, filters, counts and errors.

A person has a value of each category that stands nowhere else. Nothing that is answered to somebody to whom the category
is closed may hold it, nor may an answer differ when they look for it instead of for something that does not exist.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from compliance.enums import Category
from compliance.models import Role, SuppressedIdentifier
from compliance.suppression import suppress
from tests.attacks.planted import EMAIL, MARKS, OTHER, PLAN, TWINS, USER, plant
from tests.attacks.staged import stage
from tests.attacks.walking import MESSAGES, plain, rest, routes, screens, text_of
from tests.attacks.world import BY, person_of, program, staff

_ARRIVED = (
    "SELECT 1 FROM ingestion_quarantined WHERE message_id = 'held-message'",
    "SELECT 1 FROM profiles_timeline WHERE message_id = 'known-message'",
    f"SELECT 1 FROM profiles_identifier WHERE value = '{TWINS[1]}'",
    "SELECT 1 FROM ingestion_liveevent WHERE message_id = 'held-message'",
    "SELECT 1 FROM ingestion_rejection WHERE message_id = 'refused-message'",
    "SELECT 1 FROM ingestion_cataloguekey WHERE name = 'wibble'",
)
_JOBS = ("import", "connection", "resend")
VALUES = {
    Category.CONTACT: (EMAIL, f"email:{EMAIL}", "phone:+49305550177"),
    Category.IDENTITY: (USER, f"user_id:{USER}", "anonymous_id:zqidentity-device", "Zqidentity"),
    Category.BEHAVIOUR: ("zqbehaviour",),
    Category.TRANSACTIONS: ("zqtransactions",),
    Category.LOCATION: ("zqlocation",),
    Category.SPECIAL: ("zqspecial",),
    Category.UNCLASSIFIED: ("zqunclassified",),
}


@dataclass(frozen=True)
class Everything:
    """What somebody sees to whom nothing is closed, by address, and who is planted."""

    screens: dict[str, str]
    rest: dict[str, str]
    person: str

    def with_mark(self, part: dict[str, str], category: Category) -> list[str]:
        return [address for address, text in part.items() if has_mark(text, category)]


def has_mark(text: str, category: Category) -> bool:
    return any(mark in text for mark in MARKS[category])


@pytest.fixture(scope="module")
def everything(world, database) -> Iterator[Everything]:
    world.keep_to(PLAN, "Order Held")
    plant(world)
    for question in _ARRIVED:
        world.wait_for(question)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.HEADWATER_HOME", world.home)
        for job in _JOBS:
            patch.setattr(f"ingestion.tasks.run_{job}.delay", lambda **_: None)
        SuppressedIdentifier.objects.all().delete()  # of other tests: while there are some, no row is kept that was not taken
        admin = staff("everything")
        stage(admin, world.incoming)
        yield Everything(screens(admin), rest(program()), person_of(USER))
    SuppressedIdentifier.objects.all().delete()


def without(*closed: Category) -> list[Category]:
    return [category for category in Category if category not in closed]


@pytest.mark.parametrize("category", list(Category))
def test_the_marks_are_in_what_is_walked(everything, category):
    """Else the tests below would pass for nothing."""
    shown = routes(everything.with_mark(everything.screens, category))
    assert {
        "admin/people/<uuid:profile_id>/", "admin/live/<int:event_id>/", "admin/rejections/<int:rejection_id>/",
        "admin/quarantine/<int:sample_id>/trace/", "admin/imports/<int:import_id>/", "admin/imports/<int:import_id>/errors.csv",
        "admin/connections/runs/<int:run_id>/errors.csv", "admin/dead-letters/<int:letter_id>/payload/", "admin/dead-letters/",
        "admin/webhooks/<int:webhook_id>/preview/", "admin/reviews/<int:review_id>/", "admin/households/<uuid:household_id>/",
    } <= shown  # fmt: skip
    answered = routes(everything.with_mark(everything.rest, category))
    assert {
        "api/v1/profiles/", "api/v1/profiles/<uuid:profile_id>/", "api/v1/profiles/<uuid:profile_id>/events/",
        "api/v1/events/<path:message_id>/trace/", "api/v1/dead-letters/", "api/v1/households/<uuid:household_id>/members/",
    } <= answered  # fmt: skip


@pytest.mark.parametrize("closed", list(Category))
def test_no_screen_tells_what_is_closed(everything, closed):
    """Whatever else the actor may do and see."""
    actor = staff(f"not-{closed}", categories=without(closed))
    told = [
        address
        for address in everything.with_mark(everything.screens, closed)
        if has_mark(text_of(actor.get(address)), closed)
    ]
    assert told == []


@pytest.mark.parametrize("closed", list(Category))
def test_no_answer_over_rest_tells_what_is_closed(everything, closed):
    actor = program(categories=without(closed))
    told = [
        address
        for address in everything.with_mark(everything.rest, closed)
        if has_mark(text_of(actor.get(address)), closed)
    ]
    assert told == []


@pytest.mark.parametrize("category", list(Category))
def test_a_token_of_one_category_is_told_of_no_other(everything, category):
    seen = rest(program(categories=[category]))
    assert len(seen) > 20
    closed = without(category)
    assert [
        (address, each) for address, text in seen.items() for each in closed if has_mark(text, each)
    ] == []
    assert any(has_mark(text, category) for text in seen.values())


def test_no_screen_tells_a_role_that_comes_with_the_product_what_is_closed_to_it(everything):
    told = []
    for role in Role.objects.filter(description__gt="").select_related("group"):
        actor, closed = staff(role.group.name), without(*role.forms.clear)
        for address in {
            each for category in closed for each in everything.with_mark(everything.screens, category)
        }:
            text = text_of(actor.get(address))
            told += [(role.group.name, address, category) for category in closed if has_mark(text, category)]
    assert told == []


def test_who_was_given_no_source_is_told_nothing_of_any(everything):
    """By whatever address, though no category is closed: all that is planted came from a source (attacks 23 and 24)."""
    name = "of no source"
    actor = staff(name)
    Role.objects.filter(group__name=name).update(all_sources=False)
    told = set()
    for address in {
        each for category in Category for each in everything.with_mark(everything.screens, category)
    }:
        text = text_of(actor.get(address))
        told |= {(address, category) for category in Category if has_mark(text, category)}
    assert told == set()


def test_a_trace_a_file_and_a_trail_that_are_asked_for_tell_nothing_closed(everything):
    """What is posted: traces by id, the export of a person and of the trail, the previews of mappings and mends."""
    for closed in Category:
        actor = staff(f"not-{closed}", categories=without(closed))
        posts: list[tuple[str, dict[str, str]]] = [
            *(("/admin/trace/", {"message": message}) for message in MESSAGES),
            (f"/admin/people/{everything.person}/export/", {"why": "asked for"}),
            ("/admin/privacy/audit/export/", {"form": "jsonl"}),
            ("/admin/people/", {"q": everything.person}),
        ]
        for address, fields in posts:
            answer = actor.post(address, fields, follow=True)
            assert answer.status_code == 200, address
            assert not has_mark(text_of(answer), closed), (closed, address, fields)


Ask = Callable[[str], HttpResponseBase]


def _asked(
    actor: Client, caller: Client, person: str, another: str, *, is_identifier: bool
) -> dict[str, Ask]:
    """Each way to look for a text."""

    def posted(address: str, field: str, **more: str) -> Ask:
        return lambda text: actor.post(address, {field: text, **more}, follow=True)

    def sent(address: str, field: str, **more: Any) -> Ask:
        return lambda text: caller.post(address, {field: text, **more}, content_type="application/json")

    def got(client: Client, address: str, field: str) -> Ask:
        return lambda text: client.get(address, {field: text})

    def in_two(address: str) -> Ask:
        return lambda text: actor.post(
            address, dict(zip(("namespace", "value"), text.split(":"), strict=True)), follow=True
        )

    texts = {
        "people": posted("/admin/people/", "q"),
        "timeline": posted(f"/admin/people/{person}/timeline/", "text"),
        "events of a person": posted(f"/admin/people/{person}/", "event"),
        "live text": posted("/admin/live/", "text"),
        "live person": posted("/admin/live/", "who"),
        "live name": got(actor, "/admin/live/rows/", "name"),
        "catalogue": posted("/admin/catalogue/", "text"),
        "keys": posted("/admin/catalogue/keys/", "text"),
        "trace": posted("/admin/trace/", "message"),
        "lookup": sent("/api/v1/profiles/lookup/", "identifier"),
        "identifier": got(caller, "/api/v1/profiles/", "identifier"),
        "events over REST": got(caller, f"/api/v1/profiles/{person}/events/", "event"),
        "together": got(actor, f"/admin/people/{another}/together/", "with"),
    }  # fmt: skip
    if not is_identifier:
        return texts
    return texts | {
        "suppression": in_two("/admin/privacy/suppressions/"),
        "unblocking": in_two("/admin/identity/health/unblock/"),
        "trail": posted("/admin/privacy/audit/", "person"),
        "trail over REST": sent("/api/v1/audit/search/", "person"),
        "suppression over REST": sent("/api/v1/suppressions/", "identifier"),
        "handing over": sent("/api/v1/identifiers/hand-over/", "identifier", day="2026-01-02"),
    }


@pytest.mark.parametrize(
    ("closed", "text"), [(each, text) for each, texts in VALUES.items() for text in texts]
)
def test_no_search_tells_whether_somebody_has_what_is_closed(everything, closed, text):
    """The answers for a value that somebody has and for one that nobody has are equal, but for the text itself."""
    is_identifier = ":" in text
    if is_identifier:
        suppress(*text.split(":", 1), by=BY, now=timezone.now())
    actor, caller = staff(f"not-{closed}", categories=without(closed)), program(categories=without(closed))
    nobodys = text.replace("zq", "qz").replace("Zq", "Qz").replace("5550177", "5550199")
    assert nobodys != text
    asks = _asked(actor, caller, everything.person, person_of(OTHER), is_identifier=is_identifier)
    told = [name for name, ask in asks.items() if _said(ask(text), text) != _said(ask(nobodys), nobodys)]
    assert told == []


def _said(answer: HttpResponseBase, text: str) -> tuple[int, list[str], str]:
    """Status, addresses and content without the text that was asked for, and without what is new in every answer."""
    content = text_of(answer)
    chain = [address.lower() for address, _ in getattr(answer, "redirect_chain", ())]
    written = [each.lower() for value in (text, text.rpartition(":")[2]) for each in (value, escape(value), quote(value), quote_plus(value))]  # fmt: skip
    for form in sorted(written, key=len, reverse=True):
        content = content.replace(form, "…")
        chain = [address.replace(form, "…") for address in chain]
    return answer.status_code, [plain(address) for address in chain], plain(content)


@pytest.mark.parametrize("form", ["hashed", "hidden"])
def test_what_is_a_pseudonym_or_hidden_is_told_nowhere(everything, form):
    """Of every category at once, to somebody who may do everything."""
    forms = {"categories": [], form: list(Category)}
    caller, actor = program(**forms), staff(f"all {form}", **forms)
    seen = {address: text_of(caller.get(address)) for address in everything.rest}
    marked = {each for category in Category for each in everything.with_mark(everything.screens, category)}
    seen |= {address: text_of(actor.get(address)) for address in marked}
    assert [
        (address, each) for address, text in seen.items() for each in Category if has_mark(text, each)
    ] == []
