"""The page on which staff say what consent signals mean in the events of a source."""

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.access import Actor
from compliance.signals import Meaning, Signal
from ingestion.domain.consent_signals import meanings_of
from ingestion.domain.sources import create_source


@pytest.fixture
def shop(db):
    return create_source(name="Web shop", by=Actor.system("test"), now=timezone.now(), write_key="WRITEKEY1")


def page_of(client, source, query: str = "") -> str:
    answer = client.get(reverse("admin:source_consent", args=[source.pk]) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_what_is_ticked_is_kept_and_shown(client_of, shop):
    client = client_of("administrator")
    assert "Nothing is decided for Web shop" in page_of(client, shop)
    answer = client.post(
        reverse("admin:source_consent_save", args=[shop.pk]),
        {
            "means": ["google|ad_storage|advertising", "tcf|purpose_8|analytics", "magic|x|analytics"],
            "category-0": "C0004", "category-0-means": ["advertising", "marketing"], "category-1": "unused",
        },
        follow=True,
    )  # fmt: skip
    assert "It holds for what Web shop sends from now on" in answer.content.decode()
    assert meanings_of(shop) == [
        Meaning(Signal.CATEGORY, "c0004", "advertising"), Meaning(Signal.CATEGORY, "c0004", "marketing"),
        Meaning(Signal.GOOGLE, "ad_storage", "advertising"), Meaning(Signal.TCF, "purpose_8", "analytics"),
    ]  # fmt: skip
    page = page_of(client, shop)
    assert 'value="category|c0004|marketing" aria-label="c0004: Send marketing" checked' in page
    assert 'value="google|ad_storage|analytics" aria-label="ad_storage: Understand use">' in page
    assert "|service" not in page


def test_proposals_are_ticked_and_not_kept(client_of, shop):
    page = page_of(client_of("administrator"), shop, "?propose=1")
    assert (
        'value="google|analytics_storage|analytics" aria-label="analytics_storage: Understand use" checked'
        in page
    )
    assert "Nothing of it holds before you save" in page
    assert meanings_of(shop) == []


def test_what_cannot_be_kept_is_said_and_stays_ticked(client_of, shop):
    answer = client_of("administrator").post(
        reverse("admin:source_consent_save", args=[shop.pk]),
        {"means": ["google|ad_storage|advertising", "google|ad_storage|service"]},
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nothing was kept" in page
    assert 'value="google|ad_storage|advertising" aria-label="ad_storage: Advertise" checked' in page
    assert meanings_of(shop) == []


def test_an_example_is_tried_with_what_is_ticked(client_of, shop):
    client, address = client_of("administrator"), reverse("admin:source_consent_preview", args=[shop.pk])
    given = {
        "means": ["google|ad_storage|advertising"],
        "example": '{"consent": {"ad_storage": "denied", "x": 1, "ad_user_data": "granted"}}',
    }
    page = " ".join(client.post(address, given).content.decode().split())
    assert "Refused" in page.split("<dt>Advertise</dt>")[1]
    assert "Granted" not in page
    assert "Speaks of no purpose of yours: ad_user_data" in page
    assert "is no JSON" in client.post(address, {"example": "{"}).content.decode()
    assert meanings_of(shop) == []


def test_who_may_only_look_can_neither_tick_nor_save(client_of, shop):
    client = client_of("analyst")
    page = page_of(client, shop)
    assert "disabled" in page
    assert ">Save<" not in page
    assert client.post(reverse("admin:source_consent_save", args=[shop.pk])).status_code == 403
