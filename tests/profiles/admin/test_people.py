"""The list of people and its search."""

import pytest

from compliance.models import AuditEntry
from compliance.searches import MAX_KEPT, keep_search, kept_search
from profiles.admin.faces import initials_of, words_of
from tests.profiles.builder.driver import event


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_nobody_yet_is_explained(signed_in):
    page = _text(signed_in("administrator").get("/admin/people/"))
    assert "Nobody yet" in page
    assert "Connect a source" in page


def test_the_list_shows_who_came_last_first(signed_in, builder, jane):
    builder.send(event(anonymous_id="later", minutes=9))
    page = _text(signed_in("administrator").get("/admin/people/"))
    assert page.index("Visitor ") < page.index("Jane Miller")
    assert ">JM<" in page
    assert "Anonymous device" in page
    assert AuditEntry.objects.filter(actor="administrator", action="people.newest").count() == 1


def test_a_search_that_finds_one_person_leads_to_them(signed_in, jane):
    client = signed_in("administrator")
    for text in ("jane@example.com", "user_id:42", "  Jane   Mill ", "a1"):
        answer = client.post("/admin/people/", {"q": text})
        assert (answer.status_code, answer["Location"]) == (302, f"/admin/people/{jane.public_id}/"), text


def test_a_search_that_finds_several_has_an_opaque_address(signed_in, builder, jane):
    builder.send(event("identify", user_id="43", minutes=9, traits={"name": "Jane Millet"}))
    client = signed_in("administrator")
    answer = client.post("/admin/people/", {"q": "jane mil"})
    assert "mil" not in answer["Location"].lower()
    page = _text(client.get(answer["Location"]))
    assert "Jane Miller" in page
    assert "Jane Millet" in page
    assert client.post("/admin/people/", {"q": "jane mil"})["Location"] == answer["Location"]


def test_contact_data_that_finds_nobody_does_not_reach_an_address(signed_in, jane):
    client = signed_in("administrator")
    answer = client.post("/admin/people/", {"q": "nobody@example.com"})
    assert "nobody" not in answer["Location"]
    assert "@" not in answer["Location"]
    assert "finds nobody" in _text(client.get(answer["Location"]))


def test_the_search_of_another_session_is_not_shown(signed_in, jane):
    answer = signed_in("administrator").post("/admin/people/", {"q": "secret@example.com"})
    other = signed_in("marketer").get(answer["Location"], follow=True)
    assert "secret" not in _text(other)
    assert "not kept any more" in _text(other)


def test_a_marketer_cannot_search_by_contact_data_and_is_told(signed_in, jane):
    client = signed_in("marketer")
    answer = client.post("/admin/people/", {"q": "jane@example.com"})
    page = _text(client.get(answer["Location"]))
    assert "Nobody found" in page
    assert "cannot search by e-mail" in page
    assert client.post("/admin/people/", {"q": "Jane Miller"})["Location"].endswith(f"{jane.public_id}/")


def test_pages_follow_each_other_and_a_made_up_cursor_is_the_first_page(signed_in, builder):
    builder.send(*[event(anonymous_id=f"d{number}", minutes=number) for number in range(52)])
    client = signed_in("administrator")
    first = client.get("/admin/people/")
    cursor = first.context["next"]
    second = client.get("/admin/people/", {"after": cursor})
    assert (len(first.context["rows"]), len(second.context["rows"]), second.context["next"]) == (50, 2, None)
    assert len(client.get("/admin/people/", {"after": "x" * 30}).context["rows"]) == 50


def test_only_the_latest_searches_are_kept():
    session: dict[str, object] = {}
    names = [keep_search(session, "people", f"text {number}") for number in range(MAX_KEPT + 1)]
    assert kept_search(session, "people", names[0]) is None
    assert kept_search(session, "people", names[-1]) == f"text {MAX_KEPT}"


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Jane Ann Miller", "JM"), ("Cher", "C"), ("", ""), ("<img>", ""), ("🦊 élan", "É")],
)
def test_initials(name, initials):
    assert initials_of(name) == initials


@pytest.mark.parametrize(
    ("key", "words"),
    [("user_id", "User id"), ("email", "E-mail"), ("customerNumber", "Customer number"), ("url", "URL")],
)
def test_keys_in_words(key, words):
    assert words_of(key) == words
