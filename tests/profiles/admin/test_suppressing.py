"""Suppressing a person from their page, and lifting it from the list."""

from django.urls import reverse

from compliance.models import SuppressedIdentifier
from tests.profiles.builder.driver import event


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def _page(jane) -> str:
    return reverse("admin:person_suppress", args=[jane.public_id])


def test_what_will_be_suppressed_and_what_will_not_is_told_before(signed_in, builder, jane):
    builder.send(event("group", user_id="42", group_id="acme", minutes=5))
    client = signed_in("administrator")
    assert _page(jane) in _text(client.get(f"/admin/people/{jane.public_id}/"))
    page = _text(client.get(_page(jane)))
    suppressed, spared = page.split("What will not be suppressed")
    assert "any of these 4 identifiers" in suppressed
    assert "jane@example.com" in suppressed
    assert "Households and groups, which have other members" in spared
    assert "acme" in spared
    assert not SuppressedIdentifier.objects.exists()


def test_it_is_done_with_a_reason_and_undone_as_a_whole_from_the_list(signed_in, jane):
    client = signed_in("administrator")
    seen = client.get(_page(jane)).context["seen"]
    nothing = client.post(_page(jane), {"seen": seen, "reason": "  "})
    assert nothing.status_code == 400
    assert "Say why" in _text(nothing)
    assert not SuppressedIdentifier.objects.exists()
    done = client.post(_page(jane), {"seen": seen, "reason": "asked for it " * 100}, follow=True)
    assert "Suppressed by 4 identifiers" in _text(done)
    again = client.post(_page(jane), {"seen": seen, "reason": "asked for it"}, follow=True)
    assert "Nothing is left to suppress" in _text(again)
    assert SuppressedIdentifier.objects.count() == 4
    listed = _text(client.get("/admin/privacy/suppressions/"))
    assert listed.count("one of 4 of a person") == 4
    row = SuppressedIdentifier.objects.latest("id")
    lift = reverse("admin:suppression_lift", args=[row.pk])
    assert "these 4 identifiers are taken again" in _text(client.post(lift, {"together": "1"}, follow=True))
    assert not SuppressedIdentifier.objects.exists()
    assert client.post(lift, {"together": "1"}, follow=True).status_code == 200


def test_a_stale_form_suppresses_nothing(signed_in, builder, jane):
    client = signed_in("administrator")
    for seen in (client.get(_page(jane)).context["seen"], "", "é" * 5000):
        builder.send(event(user_id="42", anonymous_id=f"b{len(seen)}", minutes=6))
        answer = client.post(_page(jane), {"seen": seen, "reason": "asked for it"}, follow=True)
        assert "Nothing was suppressed: look again" in _text(answer)
    assert not SuppressedIdentifier.objects.exists()


def test_who_may_not_is_refused(signed_in, jane):
    client = signed_in("marketer")
    assert client.get(_page(jane)).status_code == 403
    assert client.post(_page(jane), {"reason": "why"}).status_code == 403
    assert not SuppressedIdentifier.objects.exists()
