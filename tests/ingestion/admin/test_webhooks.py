"""The screens of webhooks: made with a secret that shows once, changed with a preview, and looked at under control."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.access import Actor
from compliance.enums import Category, Operation
from compliance.identifiers import pseudonym
from compliance.secrets import unseal
from ingestion.domain.webhooks.endpoint import load_endpoints
from ingestion.domain.webhooks.recent import KEPT, Arrived, forget_payloads, preview, store_payloads
from ingestion.domain.webhooks.setting_up import Wanted, WebhookError, create_webhook, rotate_secret
from ingestion.models import Source, Webhook, WebhookPayload
from tests.ingestion.admin.conftest import BY, NOW

MAPPING: dict[str, Any] = {
    "type": "track", "event": "Order Paid", "user_id": "customer", "properties": {"total": {"path": "amount", "as": "number"}},
}  # fmt: skip
FORM = {
    "name": "Payments",
    "scheme": "stripe",
    "mapping": json.dumps(MAPPING),
    "algorithm": "sha256",
    "encoding": "hex",
}


@pytest.fixture
def webhook(source: Source) -> Webhook:
    wanted = Wanted("Payments", "stripe", json.dumps(MAPPING))
    return create_webhook(wanted=wanted, source=source.name, secret="whsec", by=BY, now=NOW)[0]


def arrived(webhook: Webhook, document: Any, *, at: datetime | None = None) -> Arrived:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Arrived(webhook.pk, at or timezone.now(), body, "application/json", {}, 200, "", 1)


def page(webhook: Webhook, name: str = "webhook") -> str:
    return reverse(f"admin:{name}", args=[webhook.pk])


def test_a_webhook_is_made_with_a_secret_that_shows_once(administrator: Client, audited: Any) -> None:
    begun = administrator.get(reverse("admin:webhook_new") + "?begin=x").content.decode()
    made = administrator.post(reverse("admin:webhook_new"), FORM).content.decode()

    webhook = Webhook.objects.get()
    secret = unseal(webhook.secrets)["current"]
    assert "referenced_tweets" in begun
    assert secret in made
    assert f"/v1/hooks/{webhook.public_id}" in made
    assert secret not in administrator.get(page(webhook)).content.decode()
    assert secret not in webhook.secrets
    assert (webhook.source.name, [row.target for row in audited("webhook.create")]) == (
        "Payments",
        [f"webhook:{webhook.pk}"],
    )
    assert load_endpoints()[webhook.public_id].trouble == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "name-error"),
        ({"scheme": "none"}, "scheme-error"),
        ({"mapping": "{"}, "mapping-error"),
        ({"mapping": json.dumps({**MAPPING, "type": "trak"})}, "mapping-error"),
        ({"headers": "authorization"}, "headers-error"),
        ({"scheme": "basic", "secret": "nocolon"}, "secret-error"),
        ({"scheme": "meta"}, "verify-error"),
        ({"scheme": "hmac", "header": "a b"}, "letters, digits"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_made(
    administrator: Client, change: dict[str, str], said: str
) -> None:
    answer = administrator.post(reverse("admin:webhook_new"), {**FORM, **change})

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Webhook.objects.exists()
    assert not Source.objects.exists()


def test_names_are_given_once(webhook: Webhook) -> None:
    with pytest.raises(WebhookError) as caught:
        create_webhook(
            wanted=Wanted("Payments", "stripe", json.dumps(MAPPING)), source="", secret="", by=BY, now=NOW
        )
    assert caught.value.field == "name"


def test_the_preview_shows_what_a_changed_mapping_would_make(
    administrator: Client, webhook: Webhook, audited: Any
) -> None:
    store_payloads(
        [
            arrived(webhook, {"customer": 7, "amount": "9.5", "note": "from jane"}),
            arrived(webhook, b"no json"),
        ]
    )
    changed = {"mapping": json.dumps({**MAPPING, "properties": {"said": "note"}})}

    shown = administrator.post(page(webhook, "webhook_preview"), changed).content.decode()
    wrong = administrator.post(
        page(webhook, "webhook_preview"), {"mapping": json.dumps({**MAPPING, "user_id": "a["})}
    )

    assert "from jane" in shown
    assert "Order Paid" in shown
    assert "the body is not JSON" in shown
    assert "user_id" in wrong.content.decode()
    assert Webhook.objects.get().mapping == webhook.mapping
    assert audited("webhook.preview")[-1].detail == {"payloads": 2, "raw": True}
    assert pseudonym("user_id:7") in audited("webhook.preview")[0].subjects


def test_who_may_not_see_payloads_sees_how_many_events_and_no_more(webhook: Webhook) -> None:
    store_payloads([arrived(webhook, {"customer": "jane", "amount": 1})])
    viewer = Actor(BY.kind, "viewer", frozenset({Operation.SOURCES_VIEW}), frozenset(Category))
    endpoint = load_endpoints()[webhook.public_id]

    [shown] = preview(viewer, webhook=webhook, mapping=endpoint.mapping, now=timezone.now())

    assert (shown.made, shown.events, shown.raw, shown.problems) == (1, [], None, [])


def test_saving_changes_what_the_collector_uses(administrator: Client, webhook: Webhook) -> None:
    changed = {
        **FORM,
        "mapping": json.dumps({**MAPPING, "event": "Paid"}),
        "headers": "X-Topic",
        "tolerance": "60",
    }

    assert administrator.post(page(webhook, "webhook_save"), changed).status_code == 302
    assert administrator.post(page(webhook, "webhook_save"), {**changed, "mapping": "{"}).status_code == 400

    endpoint = load_endpoints()[webhook.public_id]
    assert endpoint.mapping is not None
    assert endpoint.mapping.map({"customer": 1}).items[0]["event"] == "Paid"
    assert endpoint.headers == ("x-topic",)
    assert endpoint.scheme is not None
    assert endpoint.scheme.tolerance == 60


def test_two_secrets_hold_for_a_while_after_a_rotation(administrator: Client, webhook: Webhook) -> None:
    shown = administrator.post(page(webhook, "webhook_rotate"), {"secret": "", "hours": "2"}).content.decode()

    endpoint, now = load_endpoints()[webhook.public_id], timezone.now()
    assert endpoint.secret in shown
    assert list(endpoint.secrets(now)) == [endpoint.secret, "whsec"]
    assert list(endpoint.secrets(now + timedelta(hours=3))) == [endpoint.secret]
    with pytest.raises(WebhookError):
        rotate_secret(webhook=webhook, secret="x", overlap=timedelta(days=31), by=BY, now=now)


def test_a_rotation_that_is_sent_twice_does_not_shut_the_sender_out(webhook: Webhook) -> None:
    now, day = timezone.now(), timedelta(days=1)
    for n, secret in enumerate(("first", "second", "third", "fourth")):
        rotate_secret(webhook=webhook, secret=secret, overlap=day, by=BY, now=now + n * timedelta(hours=1))
    endpoint = load_endpoints()[webhook.public_id]
    assert list(endpoint.secrets(now)) == ["fourth", "third", "second", "first"], "the last four"
    rotate_secret(webhook=webhook, secret="fifth", overlap=day, by=BY, now=now + 2 * day)
    endpoint = load_endpoints()[webhook.public_id]
    assert list(endpoint.secrets(now + 2 * day)) == ["fifth", "fourth"], "what held no longer stays so"
    rotate_secret(webhook=webhook, secret="sixth", overlap=timedelta(0), by=BY, now=now + 2 * day)
    assert list(load_endpoints()[webhook.public_id].secrets(now + 2 * day)) == ["sixth"], (
        "at once, if that is wanted"
    )


def test_a_disabled_one_is_unknown_to_the_collector(administrator: Client, webhook: Webhook) -> None:
    administrator.post(page(webhook, "webhook_disable"))
    assert webhook.public_id not in load_endpoints()

    administrator.post(page(webhook, "webhook_enable"))
    assert webhook.public_id in load_endpoints()


def test_who_may_only_look_changes_nothing_and_sees_no_address(marketer: Client, webhook: Webhook) -> None:
    store_payloads([arrived(webhook, {"customer": "jane-77", "amount": 1})])
    shown = marketer.get(page(webhook)).content.decode()

    assert webhook.public_id not in shown
    assert "jane-77" not in shown
    for name in ("webhook_save", "webhook_rotate", "webhook_disable", "webhook_enable"):
        assert marketer.post(page(webhook, name), FORM).status_code == 403
    assert marketer.get(reverse("admin:webhook_new")).status_code == 403


def test_the_list_shows_when_the_last_payload_came(administrator: Client, webhook: Webhook) -> None:
    assert "none in the last day" in administrator.get(reverse("admin:webhooks")).content.decode()

    store_payloads([arrived(webhook, {})._replace(status=422)])

    assert "Last one not taken" in administrator.get(reverse("admin:webhooks")).content.decode()


def test_payloads_are_few_encrypted_and_forgotten_after_a_day(webhook: Webhook) -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    store_payloads(
        [
            arrived(webhook, {"jane": number}, at=now - timedelta(hours=25 * (number == 14)))
            for number in range(15)
        ]
    )

    assert WebhookPayload.objects.count() == KEPT
    assert not any("jane" in body for body in WebhookPayload.objects.values_list("body", flat=True))
    assert forget_payloads(now=now) == 1
    assert WebhookPayload.objects.count() == KEPT - 1
