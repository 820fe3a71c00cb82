"""Live, narrowed by time, event and text; and what stands in no address."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from ingestion.models import CatalogueEvent, LiveEvent
from tests.ingestion.admin.live.conftest import shown


def test_only_what_came_in_the_last_minutes_shows(administrator, arrive):
    arrive("Early", "u-1", timedelta(minutes=7))
    arrive("Late", "u-1")
    assert "Early" in shown(administrator, minutes=10)
    assert "Early" not in shown(administrator, minutes=5)
    assert "Late" in shown(administrator, minutes=5)
    assert "Early" in shown(administrator, minutes=77), "what is not offered narrows nothing"


@pytest.mark.parametrize("name", ["", "  ", "\u200b"], ids=["none", "blank", "invisible"])
def test_what_has_neither_a_name_nor_a_type_can_be_opened_too(administrator, arrive, name):
    nameless = arrive(name, "u-1")
    LiveEvent.objects.update(type="")
    address = f"/admin/live/{nameless.pk}/"
    assert (
        f'href="{address}" hx-get="{address}" hx-target="#drawer" hx-swap="innerHTML">No name</a>'
        in shown(administrator)
    )


def test_what_came_around_an_event_shows(administrator, arrive):
    arrive("Early", "u-1", timedelta(seconds=100))
    middle = arrive("Middle", "u-1", timedelta(seconds=60))
    arrive("Beside", "u-1", timedelta(seconds=52))
    arrive("Late", "u-1")
    rows = shown(administrator, around=middle.pk)
    assert "Middle" in rows
    assert "Beside" in rows
    assert "Early" not in rows
    assert "Late" not in rows


def test_a_text_never_stands_in_the_address_and_narrows_the_page_and_the_new_rows(
    administrator, marketer, arrive
):
    arrive("Rosa Linden wrote", "u-1")
    arrive("Late", "u-1")
    answer = administrator.post("/admin/live/", {"text": "rosa linden", "minutes": "5"})
    address = answer["Location"]
    assert re.fullmatch(r"/admin/live/\?minutes=5&find=[\w-]{12}", address)
    page = administrator.get(address).content.decode()
    assert 'value="rosa linden"' in page
    (rows,) = re.findall(r'data-live hx-get="([^"]+)"', page)
    for shown_at in (address, html.unescape(rows)):
        found = administrator.get(shown_at).content.decode()
        assert "Rosa Linden wrote" in found
        assert ">Late<" not in found
    assert 'value="rosa linden"' not in marketer.get(address).content.decode(), (
        "it is in nobody else's session"
    )
    assert ">Late<" in administrator.get("/admin/live/", {"text": "rosa linden"}).content.decode()


def test_an_event_is_chosen_by_its_number_in_the_catalogue(administrator, arrive):
    now = timezone.now()
    known = CatalogueEvent.objects.create(type="track", name="Late", first_seen_at=now, last_seen_at=now)
    arrive("Early", "u-1")
    arrive("Late", "u-1")
    page = administrator.get("/admin/live/", {"event": known.pk}).content.decode()
    assert f'<option value="{known.pk}" selected>Late</option>' in page
    assert "Early" not in page.partition("<tbody")[2]
