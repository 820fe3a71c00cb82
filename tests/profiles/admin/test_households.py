"""The screens of households and groups, and who may see what of them."""

import pytest

from compliance.models import AuditEntry
from profiles.models import Household
from tests.profiles.builder.driver import event
from tests.profiles.people import person_of

XSS = "<script>alert(1)</script>"


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def family(builder):
    for minutes, name in enumerate(["Ann", "Bob"]):
        traits = {"email": "both@example.com", "household": "h1", "name": name}
        builder.send(event("identify", user_id=name.lower(), minutes=minutes, traits=traits))
    builder.send(
        event("group", user_id="ann", group_id="acme", minutes=2, traits={"name": "Acme Ltd", "plan": "gold"})
    )
    return builder


def _address(value: str) -> str:
    return f"/admin/households/{Household.objects.get(identifier__value=value).public_id}/"


def test_the_list_tells_what_each_is_and_how_many_belong_to_it(signed_in, family):
    client = signed_in("administrator")
    page = _text(client.get("/admin/households/"))
    for shown in (
        "Acme Ltd",
        "Shared e-mail",
        "both@example.com",
        "Household</span>",
        "None of these makes two people one",
    ):
        assert shown in page, shown
    groups = _text(client.get("/admin/households/?kind=group"))
    assert "Acme Ltd" in groups
    assert "both@example.com" not in groups
    assert "None of this kind" not in groups
    assert client.get("/admin/households/?kind=nonsense").status_code == 200
    assert client.get("/admin/households/?after=made-up").status_code == 302


def test_its_page_has_members_traits_and_figures(signed_in, family):
    page = _text(signed_in("administrator").get(_address("acme")))
    for shown in ("Acme Ltd", "gold", "source 1", ">Ann</a>", "it makes none of its members one person"):
        assert shown in page, shown
    assert ">Bob</a>" not in page


def test_contact_data_names_a_household_only_to_who_may_see_it(signed_in, family):
    client = signed_in("marketer")
    address = _address("both@example.com")
    for path in (
        "/admin/households/",
        address,
        f"/admin/people/{person_of('user_id', 'ann').public_id}/tab/households/",
    ):
        page = _text(client.get(path))
        assert "both@example.com" not in page, path
        assert f"Shared e-mail …{address.strip('/')[-6:]}" in page, path
        assert "DPO, administrator and support agent may see it" in page, path
    actions = set(AuditEntry.objects.filter(actor="marketer").values_list("action", flat=True))
    assert {"households.list", "household.read", "household.members", "person.households"} <= actions


def test_an_address_is_a_household_and_is_written_as_people_write_it(signed_in, builder):
    traits = {"postal_code": "1234 ab", "house_number": "12a", "country": "NL"}
    builder.send(*[event("identify", user_id=name, traits=traits) for name in ("ann", "bob")])
    page = _text(signed_in("administrator").get("/admin/households/?kind=household"))
    assert ">12 A, 1234 AB, NL</a>" in page
    assert '<td class="hw-number">2</td>' in page
    hidden = _text(signed_in("marketer").get("/admin/households/"))
    assert "1234" not in hidden
    assert "Household …" in hidden


def test_a_person_shows_what_they_belong_to(signed_in, family):
    ann = person_of("user_id", "ann").public_id
    client = signed_in("administrator")
    page = _text(client.get(f"/admin/people/{ann}/tab/households/"))
    for value in ("h1", "acme", "both@example.com"):
        assert _address(value) in page
    assert _address("h1") in _text(client.get(f"/admin/people/{ann}/"))


def test_a_search_for_what_several_people_have_says_so(signed_in, family):
    client = signed_in("administrator")
    found = _text(client.post("/admin/people/", {"q": "both@example.com"}, follow=True))
    assert "Several people have this in common" in found
    assert _address("both@example.com") in found
    assert "Nobody found" not in found
    hidden = _text(signed_in("marketer").post("/admin/people/", {"q": "both@example.com"}, follow=True))
    assert "Several people" not in hidden


def test_empty_pages_say_what_to_do_next(signed_in, builder):
    client = signed_in("administrator")
    assert "No households or groups yet" in _text(client.get("/admin/households/"))
    builder.send(event(anonymous_id="alone"))
    alone = person_of("anonymous_id", "alone").public_id
    assert "No household or group" in _text(client.get(f"/admin/people/{alone}/tab/households/"))
    answer = client.get(f"/admin/households/{alone}/")
    assert answer.status_code == 404
    assert "Nothing at this address" in _text(answer)


def test_nothing_that_a_client_sends_becomes_markup(signed_in, builder):
    builder.send(event("group", user_id="ann", group_id=XSS, traits={"name": XSS, XSS: [XSS]}))
    client = signed_in("administrator")
    for path in ("/admin/households/", _address(XSS)):
        assert XSS not in client.get(path).content.decode()


def test_whoever_is_not_signed_in_sees_nothing(client, family):
    assert client.get("/admin/households/").status_code == 302
    assert client.get(_address("acme")).status_code == 302
