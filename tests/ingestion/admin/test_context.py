"""The screen of context data: the last days, those of one postcode, and what to do while there are none."""

from django.test import Client
from django.urls import reverse

from compliance.access import Actor
from ingestion.domain.context.reading import rows_of
from ingestion.domain.context.storing import store_context
from tests.ingestion.admin.conftest import NOW

BY = Actor.system("tests")
DAYS = {
    "rows": [
        {"country": "NL", "postcode": "1012 AB", "day": "2026-03-03", "values": {"rain": 3.5}},
        {
            "country": "NL",
            "postcode": "2011",
            "day": "2026-03-04",
            "values": {"rain": 0, "note": "<b>sun</b>"},
        },
    ]
}


def test_the_last_days_and_those_of_one_postcode(administrator: Client) -> None:
    address = reverse("admin:context")
    assert "No weather is kept" in administrator.get(address).content.decode()
    store_context(dataset="weather", rows=rows_of(DAYS), by=BY, now=NOW)

    everything = administrator.get(address).content.decode()
    one = administrator.get(address, {"country": "nl", "postcode": "1012ab"}).content.decode()

    assert "<b>sun</b>" not in everything
    assert everything.index("2011") < everything.index("1012AB")
    assert "1012AB" in one
    assert "2011" not in one
    assert "country should be" in administrator.get(address, {"postcode": "1"}).content.decode().lower()
