import pytest

from compliance.access import AccessDenied
from profiles.domain.queries import search
from profiles.models import Anchor
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, MARKETER, NOBODY, reads


@pytest.fixture
def crowd(builder) -> None:
    names = ["Jane Miller", "Janet Miles", "Ann Lee", "100%_sure Ltd", "Jane Smith"]
    builder.send(
        *(
            event("identify", user_id=f"u{n}", minutes=n, traits={"name": name})
            for n, name in enumerate(names)
        )
    )


def names(actor, text, **options) -> list[str]:
    return [each.name for each in search(actor, text, **options).items]


def test_parts_of_a_name_find_people_in_any_order_and_case(crowd):
    assert sorted(names(ALL, "jane")) == ["Jane Miller", "Jane Smith", "Janet Miles"]
    assert names(ALL, "SMITH  jan") == ["Jane Smith"]
    assert names(ALL, "nobody at all") == []


@pytest.mark.parametrize(
    ("text", "found"), [("100%", ["100%_sure Ltd"]), ("%%%", []), ("___", []), ("\\", [])]
)
def test_what_means_something_in_a_pattern_is_taken_literally(text, found, crowd):
    assert names(ALL, text) == found


@pytest.mark.parametrize("text", ["", "  ", "a", "an", "\0", "\udc80", "x" * 5000])
def test_what_finds_nobody_is_no_error(text, crowd):
    assert names(ALL, text) == []


def test_an_identifier_finds_its_person_with_and_without_the_namespace(jane):
    for text in ("42", "user_id:42", "jane@EXAMPLE.com", "email:jane@example.com", "a1", str(jane.public_id)):
        assert [each.id for each in search(ALL, text).items] == [jane.public_id], text
    assert names(ALL, "email:42") == []


def test_a_former_id_finds_who_holds_it_now(jane):
    for birth_id in Anchor.objects.values_list("birth_id", flat=True):
        assert [each.id for each in search(ALL, str(birth_id)).items] == [jane.public_id]


def test_nobody_finds_people_by_what_they_may_not_see(jane):
    assert names(MARKETER, "jane@example.com") == []
    assert names(MARKETER, "email:jane@example.com") == []
    assert names(MARKETER, "42") == ["Jane Miller"]


def test_searching_needs_the_permission_and_leaves_a_row_with_who_was_found(jane):
    search(ALL, "jane")
    assert reads() == [("test", "people.search", 1)]
    with pytest.raises(AccessDenied):
        search(NOBODY, "jane")


def test_names_come_in_pages(crowd):
    first = search(ALL, "jan", limit=2)
    second = search(ALL, "jan", cursor=first.next, limit=2)
    found = [each.name for page in (first, second) for each in page.items]
    assert sorted(found) == ["Jane Miller", "Jane Smith", "Janet Miles"]
    assert second.next is None
    assert search(ALL, "jan", cursor=second.previous, limit=2).items == first.items
