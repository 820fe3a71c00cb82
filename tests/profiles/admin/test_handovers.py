"""Saying on the page of a person that an identifier was given to another one."""

from datetime import timedelta

import pytest
from django.urls import reverse

from profiles.models import Evidence, Handover, Identifier
from tests.profiles.builder.driver import START, event
from tests.profiles.people import person_of

pytestmark = pytest.mark.usefixtures("changes_topic")

PHONE = "+31612345678"


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def ann(builder):
    """Ann had the number, and since the next day Bob has it."""
    builder.now = START.replace(day=5)
    builder.send(event("identify", user_id="ann", traits={"phone": PHONE}))
    builder.send(event("identify", user_id="bob", minutes=1440, traits={"phone": PHONE}))
    return person_of("user_id", "ann")


def test_it_is_said_after_it_was_shown_what_that_does_and_taken_back(signed_in, ann):
    client = signed_in("administrator")
    number = Identifier.objects.get(value=PHONE).pk
    address = reverse("admin:person_handover", args=[ann.public_id])
    assert f"{address}?identifier={number}" in _text(
        client.get(reverse("admin:person", args=[ann.public_id]))
    )
    asked = _text(client.get(f"{address}?identifier={number}"))
    assert "Was this given to another person?" in asked
    assert "What will happen" not in asked
    shown = _text(client.get(f"{address}?identifier={number}&day=2026-03-02"))
    assert "The new holder has 1 event, the former 1." in shown
    assert f"{PHONE} (from 2026-03-02)" in shown
    assert not Handover.objects.exists()
    given = {"identifier": number, "day": "2026-03-02", "why": "recycled"}
    done = _text(client.post(address, given, follow=True))
    assert "the former and the new holder are two people now" in done
    assert "Until 2 March 2026 it was this person's, since then it is that of" in done
    assert "administrator said so" in done
    assert PHONE in done[done.index("Given to another person") : done.index("Take back")]
    assert "given to another person on that day already" in _text(client.post(address, given, follow=True))
    bob = person_of("user_id", "bob")
    theirs = _text(client.get(reverse("admin:person_merges", args=[bob.public_id])))
    assert "since then it is this person's" in theirs
    back = reverse("admin:handover_taken_back", args=[bob.public_id, Handover.objects.get().pk])
    assert back in theirs
    assert "Taken back" in _text(client.post(back, follow=True))
    assert "was taken back already" in _text(client.post(back, follow=True))


def test_what_names_nothing_or_a_day_to_come_is_told(signed_in, ann):
    client = signed_in("administrator")
    address = reverse("admin:person_handover", args=[ann.public_id])
    assert client.get(address).status_code == 404
    number = Identifier.objects.get(value="ann").pk
    assert "lies ahead" in _text(client.get(f"{address}?identifier={number}&day=2999-01-01", follow=True))
    assert "no such identifier" in _text(client.get(f"{address}?identifier={number + 99}", follow=True))


def test_who_may_not_decide_is_not_asked(signed_in, ann):
    client = signed_in("marketer")
    number = Identifier.objects.get(value="ann").pk
    address = reverse("admin:person_handover", args=[ann.public_id])
    assert client.get(f"{address}?identifier={number}").status_code == 403
    assert address not in _text(client.get(reverse("admin:person", args=[ann.public_id])))


def test_a_pair_for_review_tells_that_it_may_have_been_given_on(signed_in, builder):
    builder.now = START + timedelta(days=101)
    builder.send(event(anonymous_id="tablet", user_id="ann"))
    builder.send(event(anonymous_id="tablet", user_id="bob", minutes=100 * 1440))
    builder.send(event(anonymous_id="phone", user_id="eve", minutes=100 * 1440))
    builder.send(event(anonymous_id="phone", user_id="bob", minutes=100 * 1440 + 1))
    client = signed_in("administrator")
    ann, number = person_of("user_id", "ann"), Identifier.objects.get(value="tablet").pk
    offer = f"{reverse('admin:person_handover', args=[ann.public_id])}?identifier={number}&amp;day=2026-06-09"
    reviews = Evidence.objects.filter(state="refused").order_by("event_time")
    tablet, phone = (_text(client.get(reverse("admin:review", args=[each.pk]))) for each in reviews)
    assert "had been silent for 100 days" in tablet
    assert offer in tablet
    assert "had been silent" not in phone
    assert "Was this given to another person?" in _text(client.get(offer.replace("&amp;", "&")))
