"""Weather by postcode and day: delivered by programs, looked up, replaced, and about no person."""

from typing import Any

import pytest

from ingestion.domain.context.reading import BadContext, rows_of

ADDRESS = "/api/v1/context/weather/"
OPEN_METEO = {
    "latitude": 52.38, "longitude": 4.9, "timezone": "Europe/Amsterdam", "country": "nl", "postcode": "1012 ab",
    "daily_units": {"time": "iso8601", "temperature_2m_max": "°C", "precipitation_sum": "mm"},
    "daily": {"time": ["2026-11-01", "2026-11-02"], "temperature_2m_max": [11.4, 9.8], "precipitation_sum": [0.0, None]},
}  # fmt: skip


def row(day: str = "2026-11-03", **fields: Any) -> dict[str, Any]:
    return {
        "country": "NL",
        "postcode": "1012AB",
        "day": day,
        "values": {"temperature_2m_max": 8.1},
        **fields,
    }


def shown(api: Any, query: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (each["postcode"], each["day"], each["values"]) for each in api.get(ADDRESS + query).json()["results"]
    ]


def test_weather_is_kept_once_for_each_place_and_day(client_with, fresh_database):
    api = client_with("sources.view", "sources.manage")
    for document in (OPEN_METEO, OPEN_METEO, {"rows": [row(), row(postcode="2011", day="2026-11-01")]}):
        assert api.post(f"{ADDRESS}days/", document, content_type="application/json").json() == {"rows": 2}
    api.post(
        f"{ADDRESS}days/",
        {"rows": [row("2026-11-02", values={"temperature_2m_max": 10})]},
        content_type="application/json",
    )

    assert shown(api, "?country=NL&postcode=1012%20AB&last=2026-11-02") == [
        ("1012AB", "2026-11-02", {"temperature_2m_max": 10}),
        ("1012AB", "2026-11-01", {"temperature_2m_max": 11.4, "precipitation_sum": 0.0}),
    ]
    first = api.get(f"{ADDRESS}?page_size=3").json()
    assert [each["day"] for each in first["results"]] == ["2026-11-03", "2026-11-02", "2026-11-01"]
    assert [each["postcode"] for each in api.get(first["next"]).json()["results"]] == ["1012AB"]


@pytest.mark.parametrize(
    "query",
    ["?country=NL", "?country=N1&postcode=1", "?first=monday", "?cursor=x", "?country=NL&postcode=';--"],
)
def test_a_question_that_makes_no_sense_is_refused(api, query):
    assert api.get(ADDRESS + query).status_code == 400


def test_only_who_manages_sources_delivers_and_only_known_data_sets_exist(client_with, fresh_database):
    reader = client_with("sources.view")

    assert reader.get(ADDRESS).status_code == 200
    assert (
        reader.post(f"{ADDRESS}days/", {"rows": [row()]}, content_type="application/json").status_code == 403
    )
    assert reader.get("/api/v1/context/horoscope/").status_code == 404


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "send an object"),
        ({}, "rows should be"),
        ({"rows": []}, "rows should be"),
        ({"rows": [row(country="Netherlands")]}, "row 1: country"),
        ({"rows": [row(), row(postcode=True)]}, "row 2: postcode"),
        ({"rows": [row("2026-02-30")]}, "row 1: day"),
        ({"rows": [row(values={})]}, "row 1: values"),
        ({"rows": [row(values={"a": "x" * 5000})]}, "row 1: values"),
        ({"rows": ["torn"]}, "row 1: should be an object"),
        ({**OPEN_METEO, "daily": {"time": ["2026-11-01"], "precipitation_sum": []}}, "same length"),
        ({**OPEN_METEO, "postcode": None}, "row 1: postcode"),
    ],
)
def test_a_delivery_that_cannot_be_taken_says_which_row_and_why(document, said):
    with pytest.raises(BadContext, match=said):
        rows_of(document)
