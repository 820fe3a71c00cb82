from compliance.access import Actor
from ingestion.domain.sources import create_source, disable_source
from ingestion.enums import Result
from ingestion.models import SourceMinute
from tests.profiles.builder.driver import START

BY = Actor.system("test")


def test_sources_are_listed_with_what_they_sent(api):
    shop = create_source(name="Shop", description="The web shop", by=BY, now=START)
    disable_source(source=create_source(name="App", by=BY, now=START), by=BY, now=START)
    SourceMinute.objects.create(
        source=shop, minute=START, type="track", name="Order Completed", result=Result.ACCEPTED, events=3
    )
    page = api.get("/api/v1/sources/").json()
    assert page["next"] is None
    assert [(each["name"], each["enabled"]) for each in page["results"]] == [("App", False), ("Shop", True)]
    assert page["results"][1] == {
        "id": shop.pk, "name": "Shop", "description": "The web shop", "enabled": True,
        "created_at": "2026-03-01T12:00:00Z", "last_seen_at": "2026-03-01T12:00:00Z", "events_last_hour": 0,
        "events_last_day": 0, "rejected_last_day": 0,
    }  # fmt: skip


def test_listing_sources_takes_its_scope(client_with, fresh_database):
    assert client_with("people.view").get("/api/v1/sources/").status_code == 403
