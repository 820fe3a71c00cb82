"""Live, narrowed to one person: by whom they are found, and which events are theirs."""

from uuid import UUID, uuid4

import pytest
import time_machine
from django.utils import timezone

from ingestion.domain.people import KEPT, PersonIds, register_people_search
from tests.ingestion.admin.live.conftest import FORMER, ROSA, shown


def test_only_events_of_a_person_show_also_by_a_former_id(administrator, arrive, known):
    arrive("Hers", "u-1")
    arrive("His", "u-2", note='{"user_id":"u-1"}')
    for address in (ROSA.id, FORMER):
        rows = shown(administrator, person=address)
        assert "Hers" in rows
        assert "His" not in rows
    assert "Rosa Linden" in administrator.get("/admin/live/", {"person": FORMER}).content.decode()
    assert "Hers" not in shown(administrator, person=uuid4()), "nobody has no events"


def test_an_event_that_names_the_person_within_is_not_theirs(administrator, arrive, known):
    arrive("Invited", "u-2", friend={"user_id": "u-1"})
    assert "Invited" not in shown(administrator, person=ROSA.id)


def test_new_rows_are_narrowed_the_same_way(administrator, arrive, known):
    arrive("Hers", "u-1")
    arrive("His", "u-2")
    rows = administrator.get("/admin/live/rows/", {"person": ROSA.id}).content.decode()
    assert "Hers" in rows
    assert "His" not in rows


def test_a_person_is_found_by_what_never_stands_in_an_address(administrator, known):
    answer = administrator.post("/admin/live/", {"who": "rosa@example.com", "minutes": "5"})
    assert answer["Location"] == f"/admin/live/?minutes=5&person={ROSA.id}"


@pytest.mark.parametrize(
    ("text", "said"), [("nobody@example.com", "Nobody was found"), ("o", "Several people match")]
)
def test_whom_nobody_or_several_are_is_said(administrator, known, text, said):
    answer = administrator.post("/admin/live/", {"who": text})
    assert answer["Location"] == "/admin/live/"
    assert said in administrator.get("/admin/live/").content.decode()


def test_a_person_is_looked_up_once_for_a_page_and_its_looks_and_again_after_a_while(
    administrator, marketer, arrive, known
):
    asked: list[UUID] = []

    def ids_of(_actor, person: UUID) -> PersonIds:
        asked.append(person)
        return PersonIds(ROSA.id, ("u-1",), ())

    register_people_search(lambda _actor, _text: None, ids_of)
    arrive("Hers", "u-1")
    assert "Hers" in shown(administrator, person=ROSA.id)
    for _ in range(3):
        assert "Hers" in administrator.get("/admin/live/rows/", {"person": ROSA.id}).content.decode()
    assert asked == [ROSA.id]
    shown(marketer, person=ROSA.id)
    assert asked == [ROSA.id] * 2, "who may see less is not answered what others may see"
    with time_machine.travel(timezone.now() + KEPT):
        administrator.get("/admin/live/rows/", {"person": ROSA.id})
    assert asked == [ROSA.id] * 3, "she may have another device by now"
