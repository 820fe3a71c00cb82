"""Deciding on the page of a person, and what is asked before."""

import pytest
from django.urls import reverse

from profiles.domain.queries.households import households_of
from profiles.models import Evidence, Identifier
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, person_of

pytestmark = pytest.mark.usefixtures("changes_topic")


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def _of(profile, name: str) -> str:
    return reverse(f"admin:person_{name}", args=[profile.public_id])


def _link(value: str) -> int:
    return Evidence.objects.get(a__value="42", b__value=value).pk


def test_a_link_is_withdrawn_after_it_was_said_what_that_does(signed_in, jane):
    client = signed_in("administrator")
    why = _text(client.get(_of(jane, "why")))
    address = f"{_of(jane, 'unmerge')}?link={_link('a2')}"
    assert address in why
    page = _text(client.get(address))
    assert "This person becomes 2." in page
    assert "Withdraw the link" in page
    assert Evidence.objects.filter(state="withdrawn").count() == 0
    answer = client.post(_of(jane, "unmerge"), {"link": _link("a2"), "why": "a friend's phone"}, follow=True)
    assert "they are different people now" in _text(answer)
    assert "One person was taken apart" in _text(answer)
    assert "administrator decided so: a friend&#x27;s phone." in _text(answer)
    assert person_of("anonymous_id", "a2") != person_of("user_id", "42")
    why = _text(client.get(_of(jane, "why")))
    assert "Withdrawn by administrator" in why
    assert "Kept apart" in why
    again = client.post(_of(jane, "unmerge"), {"link": _link("a2")}, follow=True)
    assert "was withdrawn already" in _text(again)


def test_a_person_is_taken_out_of_a_group_from_their_page(signed_in, builder, jane):
    builder.send(event("group", user_id="42", group_id="acme", minutes=9))
    client = signed_in("administrator")
    address = f"{_of(jane, 'unmerge')}?link={_link('acme')}"
    assert address in _text(client.get(_of(jane, "why")))
    page = _text(client.get(address))
    assert "This person becomes" not in page
    client.post(_of(jane, "unmerge"), {"link": _link("acme"), "why": "left"})
    assert not households_of(ALL, jane.public_id).items
    assert "Withdrawn by administrator" in _text(client.get(_of(jane, "why")))


def test_an_identifier_is_split_off_and_what_still_holds_is_told(signed_in, builder, jane):
    builder.send(event("identify", anonymous_id="a1", minutes=5, traits={"email": "jane@example.com"}))
    client = signed_in("administrator")
    number = Identifier.objects.get(value="a1").pk
    address = f"{_of(jane, 'unmerge')}?identifier={number}"
    assert address in _text(client.get(f"/admin/people/{jane.public_id}/"))
    assert "Split off this identifier?" in _text(client.get(address))
    held = _text(client.get(f"{_of(jane, 'unmerge')}?link={_link('a1')}"))
    assert "They stay one person, because other links hold them together" in held
    client.post(_of(jane, "unmerge"), {"identifier": number})
    assert person_of("anonymous_id", "a1") != person_of("user_id", "42")


def test_two_people_are_merged_by_id_after_both_were_seen(signed_in, builder, jane):
    builder.send(event("identify", user_id="9", traits={"name": "J. Miller"}, minutes=9))
    client, other = signed_in("administrator"), person_of("user_id", "9")
    assert "Id of the other person" in _text(client.get(_of(jane, "together")))
    both = _text(client.get(_of(jane, "together"), {"with": str(other.public_id)}))
    assert "Jane Miller" in both
    assert "J. Miller" in both
    decision = {"with": str(other.public_id), "decision": "merge", "why": "same passport"}
    done = _text(client.post(_of(jane, "decide_together"), decision, follow=True))
    assert "the two are one person now" in done
    assert "administrator made two people one" in done
    assert person_of("user_id", "9") == person_of("user_id", "42")
    assert "leads to this very person" in _text(
        client.get(_of(jane, "together"), {"with": str(other.public_id)})
    )
    assert "No person has this id" in _text(
        client.get(_of(jane, "together"), {"with": "01a227bf-3744-7f71-8598-c3d0eff72dc7"}, follow=True)
    )


def test_who_may_not_decide_is_not_offered_it(signed_in, jane):
    client = signed_in("marketer")
    assert "unmerge" not in _text(client.get(_of(jane, "why")))
    for answer in (
        client.get(_of(jane, "unmerge"), {"link": _link("a1")}),
        client.post(_of(jane, "unmerge"), {"link": _link("a1")}),
        client.get(_of(jane, "together")),
        client.post(_of(jane, "decide_together"), {"decision": "merge"}),
    ):
        assert answer.status_code == 403
    assert not Evidence.objects.filter(state="withdrawn").exists()


def test_an_address_that_names_nothing_is_not_found(signed_in, jane):
    client = signed_in("administrator")
    for query in ("", "?link=x", "?link=1&identifier=2", "?link=99999999999999999999"):
        assert client.get(f"{_of(jane, 'unmerge')}{query}").status_code == 404
    unknown = client.get(f"{_of(jane, 'unmerge')}?link=999999999", follow=True)
    assert "has no such link" in _text(unknown)
