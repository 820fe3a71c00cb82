from tests.ingestion.domain.catalogue.test_storing import NOW, learn, record
from tests.ingestion.domain.conftest import source  # noqa: F401 -- a fixture


def names(page):
    return [each["name"] for each in page["results"]]


def test_the_catalogue_is_listed_in_pages_without_any_value(api, source):  # noqa: F811 -- the fixture
    for name in ("A", "B", "C", "D", "E"):
        learn(record({"event": name, "properties": {"plan": "gold", "total": 1}}, source))
    first = api.get("/api/v1/catalogue/?page_size=2").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert [names(page) for page in (first, second, third)] == [["A", "B"], ["C", "D"], ["E"]]
    assert (first["previous"], third["next"]) == (None, None)
    assert names(api.get(second["previous"]).json()) == ["A", "B"]
    assert names(api.get(third["previous"]).json()) == ["C", "D"]
    one = first["results"][0]
    assert "gold" not in str(first)
    assert (one["type"], one["sources"], one["first_seen_at"][:19]) == (
        "track",
        ["web"],
        NOW.isoformat()[:19],
    )
    assert [(key["kind"], key["name"], key["category"], key["types"], key["share"]) for key in one["keys"]] == [
        ("property", "plan", "transactions", ["string"], 1.0), ("property", "total", "transactions", ["integer"], 1.0),
    ]  # fmt: skip


def test_the_catalogue_takes_its_scope_and_its_own_cursors(api, client_with, fresh_database):
    assert client_with("people.view").get("/api/v1/catalogue/").status_code == 403
    for cursor in ("x", "after-x", "after-" + "9" * 30, "beside-1"):
        assert api.get("/api/v1/catalogue/", {"cursor": cursor}).status_code == 400
