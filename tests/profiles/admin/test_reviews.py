"""The review queue on the screen."""

import pytest

from profiles.models import Evidence, Review
from tests.profiles.builder.driver import event
from tests.profiles.people import person_of

pytestmark = pytest.mark.usefixtures("changes_topic")

QUEUE = "/admin/reviews/"


@pytest.fixture
def clash(builder) -> list[int]:
    """Bob and Cid on Ann's tablet; the numbers of the two reviews."""
    people = (("ann", "Ann Stone", "gold"), ("bob", "Bob Rivers", "free"), ("cid", "Cid Fields", "free"))
    for minute, (user, name, plan) in enumerate(people):
        traits = {"name": name, "plan": plan, "email": f"{user}@x.org"}
        builder.send(event("identify", anonymous_id="tablet", user_id=user, minutes=minute, traits=traits))
    return list(Evidence.objects.filter(state="refused").order_by("id").values_list("id", flat=True))


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_an_empty_queue_says_what_will_come(signed_in):
    page = _text(signed_in("administrator").get(QUEUE))
    assert "Nothing to review" in page
    assert "review.js" in page


def test_the_queue_shows_pairs_with_the_reason_and_keys_for_all(signed_in, clash):
    page = _text(signed_in("administrator").get(QUEUE))
    for shown in ("Ann Stone", "Bob Rivers", "Cid Fields", "two values of User id, which is unique"):
        assert shown in page
    assert page.count("data-review") == 2
    for key in ("o", "m", "a", "l"):
        assert f'data-key="{key}"' in page
    assert "<dd>Keep them apart for ever</dd>" in page  # the help behind ?


def test_two_people_stand_side_by_side(signed_in, clash):
    client, (first, second) = signed_in("administrator"), clash
    page = _text(client.get(f"{QUEUE}{first}/"))
    for shown in (
        "Are these two one person?",
        "Keeps its id",
        "3</span> differ",
        "ann@x.org",
        "bob@x.org",
        "newer",
    ):
        assert shown in page.replace("3 differ", "3</span> differ")
    assert f'data-key="j" href="{QUEUE}{second}/"' in page
    assert f'hx-get="{QUEUE}{first}/foreseen/"' in page
    assert "they are one person of 5 identifiers" in _text(client.get(f"{QUEUE}{first}/foreseen/"))
    assert "nothing to review under this number" in _text(client.get(f"{QUEUE}{10**30}/foreseen/"))
    assert 'data-key="k"' not in page


def test_a_decision_leads_to_the_next_pair_and_can_be_taken_back(signed_in, clash):
    client, (first, second) = signed_in("administrator"), clash
    answer = client.post(f"{QUEUE}{first}/decide/", {"decision": "apart", "next": second}, follow=True)
    assert answer.redirect_chain == [(f"{QUEUE}{second}/", 302)]
    assert "Kept apart" in _text(answer)
    assert f"{QUEUE}{first}/undo/" in _text(answer)
    assert Review.objects.get().by == "administrator"
    again = client.post(f"{QUEUE}{first}/decide/", {"decision": "merged"}, follow=True)
    assert "administrator keeps them apart" in _text(again)
    back = client.post(f"{QUEUE}{first}/undo/", follow=True)
    assert "Taken back" in _text(back)
    assert "waits for your decision" in _text(back)
    assert f"{QUEUE}{first}/undo/" not in _text(back)
    client.post(f"{QUEUE}{first}/decide/", {"decision": "merged"})
    assert person_of("user_id", "ann") == person_of("user_id", "bob")
    gone = client.get(f"{QUEUE}{first}/", follow=True)
    assert "no longer two people" in _text(gone)


def test_what_is_hidden_stays_hidden(signed_in, clash):
    from django.contrib.auth.models import Group

    from compliance.enums import Operation
    from compliance.models import Role

    role = Role.objects.get(group=Group.objects.get(name="marketer"))
    role.operations = [*role.operations, Operation.IDENTITY_DECIDE]
    role.save()
    page = _text(signed_in("marketer").get(f"{QUEUE}{clash[0]}/"))
    assert "ann@x.org" not in page
    assert "Ann Stone" in page
    assert "hidden" in page


def test_the_queue_is_for_those_who_may_decide(signed_in, clash):
    client = signed_in("marketer")
    assert client.get(QUEUE).status_code == 403
    assert client.get(f"{QUEUE}{clash[0]}/").status_code == 403
    assert client.post(f"{QUEUE}{clash[0]}/decide/", {"decision": "apart"}).status_code == 403
    assert "Review queue" not in _text(client.get("/admin/people/"))
    assert not Review.objects.exists()


def test_addresses_that_lead_nowhere(signed_in, clash):
    client = signed_in("administrator")
    assert client.get(f"{QUEUE}{10**6}/").status_code == 404
    assert client.get(f"{QUEUE}{10**30}/").status_code == 404
    assert client.post(f"{QUEUE}{clash[0]}/decide/", {"decision": "perhaps"}).status_code == 404
    assert client.get(f"{QUEUE}{clash[0]}/decide/").status_code == 405
    assert client.get(QUEUE, {"after": "made up"}).status_code == 302
