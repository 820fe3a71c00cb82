"""The tab `Behaviour`: annoyances in plain words, and who may see what of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.models import AuditEntry
from profiles.admin.behaviour import sentence
from profiles.behaviour.annoyances import Annoyed
from profiles.consumers.behaviour import BehaviourConsumer
from profiles.domain.queries.behaviour import Annoyance
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import follow


def _text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def _done(name: str, minutes: float, **properties: Any) -> Any:
    return event(
        anonymous_id="a1",
        user_id="42",
        minutes=minutes,
        name=name,
        properties={"path": "/checkout", **properties},
    )


@pytest.fixture
def annoyed(builder, jane):
    """Jane, who could not pay; and who scrolled through a page on the day before."""
    builder.send(
        *(_done("Element Clicked", 60 + click / 240, text="Pay") for click in range(5)),
        *(_done("Error Shown", 61 + each, message="jane@example.com was declined") for each in range(3)),
        _done("Page Scrolled", -1440, depth=80),
    )
    follow(BehaviourConsumer(), builder)
    return jane


def test_annoyances_are_told_in_plain_words(signed_in, annoyed):
    page = _text(signed_in("administrator").get(f"/admin/people/{annoyed.public_id}/tab/behaviour/"))
    for shown in (
        "Clicked “Pay” 5 times in a second", "on /checkout", "Met the error “jane@example.com was declined” 3 times",
        "Went smoothly", "80 %", "<dt>Clicks</dt><dd>5</dd>", "3 annoyances",
    ):  # fmt: skip
        assert shown in page, shown
    assert page.index("annoyances") < page.index("Went smoothly")


def test_what_errors_said_is_hidden_from_those_who_may_not_see_anything(signed_in, annoyed):
    page = _text(signed_in("marketer").get(f"/admin/people/{annoyed.public_id}/tab/behaviour/"))
    assert "Clicked “Pay” 5 times in a second" in page
    assert "Met the same error 3 times" in page
    assert "jane@example.com" not in page
    assert "person.behaviour" in AuditEntry.objects.filter(actor="marketer").values_list("action", flat=True)


def test_without_any_it_says_how_to_send_some(signed_in, jane):
    page = _text(signed_in("administrator").get(f"/admin/people/{jane.public_id}/tab/behaviour/"))
    assert "No behaviour yet" in page
    assert "Element Clicked" in page


@pytest.mark.parametrize(
    ("kind", "what", "times", "seconds", "told"),
    [
        (Annoyed.RAGE_CLICKS, "Pay", 7, 2.6, "Clicked “Pay” 7 times in 3 seconds"),
        (Annoyed.RAGE_CLICKS, None, 3, 0, "Clicked one spot 3 times"),
        (Annoyed.DEAD_CLICKS, "Size guide", 1, 0, "Clicked “Size guide” and nothing happened"),
        (Annoyed.DEAD_CLICKS, "Size guide", 2, 9, "Clicked “Size guide” 2 times and nothing happened"),
        (Annoyed.REPEATED_ERRORS, None, 4, 80, "Met the same error 4 times"),
        (Annoyed.COMPLAINT, "delivery", 1, 0, "Complained about delivery"),
        (Annoyed.COMPLAINT, None, 1, 0, "Complained"),
    ],
)
def test_sentences(kind, what, times, seconds, told):
    assert sentence(Annoyance(kind, datetime(2026, 3, 1, tzinfo=UTC), what, None, times, seconds)) == told
