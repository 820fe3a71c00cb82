"""Two people change the same thing: nothing is undone unseen, on any form that changes what is there."""

import html
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from compliance.models import AccessWatch, ApprovalPolicy, NoticeSubscription, Purpose, Role, User
from ingestion.admin.plan_form import digest_of
from ingestion.domain.plans.publishing import save_draft
from ingestion.domain.webhooks.setting_up import Wanted, create_webhook
from ingestion.models import (
    CatalogueEvent,
    CatalogueKey,
    Connection,
    ConsentMeaning,
    Source,
    Stream,
    TrackingPlan,
    Webhook,
)
from profiles.models import Namespace, RuleChange
from streaming.contracts.records import TopicSpec
from streaming.domain.topics.changing import declare
from streaming.domain.topics.declaration import Wish
from streaming.event_log import close_event_log, event_log
from streaming.models import TopicSetting
from tests.architecture.test_edit_forms import FORMS
from tests.ingestion.admin.conftest import BY, NOW, administrator, client_of, source
from tests.ingestion.domain.catalogue.test_storing import learn, record
from tests.profiles.admin.test_namespaces import form as namespace_form

__all__ = ["administrator", "client_of", "source"]

MAPPING = '{"type": "identify", "user_id": "id", "traits": {"email": "email"}, "timestamp": "updated_at"}'
HOOK = '{"type": "track", "event": "Paid", "user_id": "customer"}'
STREAM = {
    "stream": "customers", "mode": "incremental", "cursor": "updated_at", "look_back": "0", "every": "3600",
    "column": ["id", "email", "updated_at"], "key": ["id"], "mapping": MAPPING,
}  # fmt: skip
SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}


@dataclass(frozen=True)
class Edited:
    """What is posted to the form on `page` (to `post`, if that is elsewhere), what `others` do meanwhile, what tells it.

    `mine` says whether what was posted is kept.
    """

    page: str
    typed: Mapping[str, Any]
    others: Callable[[], Any]
    theirs: str
    mine: Callable[[], bool]
    post: str = ""


def drafted(source: Source, **events: Any) -> None:
    save_draft(source, {"events": {"track:Paid": SCHEMA, **events}, "policy": {}}, by=BY, now=NOW)


def draft(source: Source) -> dict[str, Any]:
    kept: dict[str, Any] = TrackingPlan.objects.get(source=source).draft
    return kept


def of_sources(source: Source) -> dict[str, Edited]:
    Purpose.objects.get_or_create(key="profiling", defaults={"name": "Profiling"})
    rows, page = Source.objects.filter(pk=source.pk), f"/admin/sources/{source.pk}/"
    return {
        "source_purposes": Edited(
            page, {"purpose": ["marketing"]}, lambda: rows.update(purposes=["profiling"]), "profiling",
            lambda: rows.get().purposes == ["marketing"], f"{page}purposes/",
        ),
        "source_purpose": Edited(
            page, {"purpose": "marketing"}, lambda: rows.update(purpose="profiling"), "profiling",
            lambda: rows.get().purpose == "marketing", f"{page}purpose/",
        ),
        "source_signals": Edited(
            f"{page}consent/", {"means": ["google|ad_storage|advertising"]},
            lambda: ConsentMeaning.objects.create(source=source, signal="category", name="theirs", purpose="marketing"),
            "theirs", lambda: [each.name for each in ConsentMeaning.objects.all()] == ["ad_storage"], f"{page}consent/save/",
        ),
        "source_visits": Edited(
            page, {"minutes": "45"}, lambda: rows.update(visit_timeout=77), "77", lambda: rows.get().visit_timeout == 45,
            f"{page}visits/",
        ),
    }  # fmt: skip


def of_plans(source: Source) -> dict[str, Edited]:
    drafted(source)
    page, other = f"/admin/plans/{source.pk}/", {"type": "object", "properties": {"theirs": {}}}
    policy = {"events": {"track:Paid": SCHEMA}, "policy": {"wrong": "quarantine"}}
    return {
        "plan_policy": Edited(
            page, {"missing": "quarantine"}, lambda: save_draft(source, policy, by=BY, now=NOW), "quarantine",
            lambda: draft(source)["policy"]["missing"] == "quarantine",
        ),
        "plan_events": Edited(
            page, {"events": json.dumps({"track:Mine": SCHEMA})}, lambda: drafted(source, **{"track:Theirs": other}),
            "track:Theirs", lambda: [*draft(source)["events"]] == ["track:Mine"],
        ),
        "plan_published": Edited(
            page, {"note": "mine"}, lambda: drafted(source, **{"track:Theirs": other}), "track:Theirs",
            lambda: TrackingPlan.objects.get(source=source).published is not None, f"{page}publish/",
        ),
        "plan_event": Edited(
            f"{page}events/{digest_of('track:Paid')}/", {"schema": json.dumps({**SCHEMA, "title": "mine"})},
            lambda: drafted(source, **{"track:Paid": other}), "theirs",
            lambda: draft(source)["events"]["track:Paid"].get("title") == "mine",
        ),
    }  # fmt: skip


def of_catalogue(source: Source) -> dict[str, Edited]:
    learn(record({"event": "Order Completed", "properties": {"total": 1}}, source, NOW))
    return {
        "catalogue_event": described("catalogue_event", CatalogueEvent.objects.all()),
        "catalogue_key": described("catalogue_key", CatalogueKey.objects.filter(name="total")),
    }


def described(name: str, rows: QuerySet[Any]) -> Edited:
    return Edited(
        reverse(f"admin:{name}", args=[rows.get().pk]), {"description": "", "owner": "mine"},
        lambda: rows.update(description="what they wrote"), "what they wrote", lambda: rows.get().owner == "mine",
    )  # fmt: skip


def of_webhooks(source: Source) -> dict[str, Edited]:
    made = create_webhook(
        wanted=Wanted("Payments", "stripe", HOOK), source=source.name, secret="whsec", by=BY, now=NOW
    )[0]
    rows = Webhook.objects.filter(pk=made.pk)
    typed = {"name": "Mine", "scheme": "stripe", "mapping": HOOK, "algorithm": "sha256", "encoding": "hex"}
    return {
        "webhook": Edited(
            f"/admin/webhooks/{made.pk}/", typed, lambda: rows.update(mapping=HOOK.replace("Paid", "Theirs")), "Theirs",
            lambda: rows.get().name == "Mine", reverse("admin:webhook_save", args=[made.pk]),
        )
    }  # fmt: skip


def of_connections(client: Client, database: str) -> dict[str, Edited]:
    form = {"kind": "sql", "name": "CRM", "source": "CRM", "dialect": "sqlite", "database": database}
    client.post("/admin/connections/new/", form)
    made = Connection.objects.get()
    client.post(f"/admin/connections/{made.pk}/streams/new/", STREAM)
    stream, rows = Stream.objects.filter(connection=made), Connection.objects.filter(pk=made.pk)
    return {
        "connection": Edited(
            f"/admin/connections/{made.pk}/settings/", {**form, "name": "Mine", "password": "typed-secret"},
            lambda: rows.update(name="Theirs"), "Theirs", lambda: rows.get().name == "Mine",
        ),
        "stream": Edited(
            f"/admin/connections/streams/{stream.get().pk}/settings/", {**STREAM, "every": "60"},
            lambda: stream.update(look_back=4321), "4321", lambda: stream.get().every_seconds == 60,
        ),
    }  # fmt: skip


def of_roles() -> dict[str, Edited]:
    role = Role.objects.get(group__name="marketer")
    rows, mia = Role.objects.filter(pk=role.pk), User.objects.create(username="mia", is_staff=True)
    notice = {"role": role, "kind": "quarantine"}
    return {
        "user_roles": Edited(
            "/admin/settings/users/", {"role": ["marketer"]}, lambda: mia.groups.add(Group.objects.get(name="analyst")),
            "analyst", lambda: [each.group.name for each in User.objects.get(pk=mia.pk).roles] == ["marketer"],
            reverse("admin:user_roles", args=[mia.pk]),
        ),
        "role_notices": Edited(
            reverse("admin:notifications_role", args=[role.pk]), {},
            lambda: NoticeSubscription.objects.create(**notice, channel="email"), "email", lambda: True,
        ),
        "role": Edited(
            f"/admin/settings/roles/{role.pk}/", {"name": "marketer", "sources": "all", "operation": ["home.view"]},
            lambda: rows.update(description="what they wrote"), "what they wrote", lambda: True,
        ),
    }  # fmt: skip


def of_settings() -> dict[str, Edited]:
    purpose, watch = Purpose.objects.filter(key="marketing"), AccessWatch.objects
    event_log().create_topics([TopicSpec("events.page", 2)])
    namespace = Namespace.objects.filter(key="email")
    return {
        "purpose": Edited(
            reverse("admin:purpose", args=["marketing"]), {"name": "Mine", "legal_basis": "consent"},
            lambda: purpose.update(description="what they wrote"), "what they wrote", lambda: purpose.get().name == "Mine",
        ),
        "access_watch": Edited(
            "/admin/privacy/audit/alerts/", {"people_an_hour": "33", "usual_from": "20"},
            lambda: watch.update(times_usual=77), "77", lambda: watch.get().people_an_hour == 33,
        ),
        "approval_policy": Edited(
            reverse("admin:approval_settings"), {"kind": []}, lambda: ApprovalPolicy.objects.update_or_create(
                pk=1, defaults={"kinds": ["audit.export"]}), "udit trail", lambda: True,
        ),
        "topic": Edited(
            "/admin/topics/events.page/settings/", {"partitions": "3", "retention": "14d", "retention_bytes": "none", "cleanup": "delete"},
            lambda: declare(event_log(), "events.page", Wish(retention_seconds=11 * 86_400), actor=BY, now=NOW), "11d",
            lambda: TopicSetting.objects.get(topic="events.page").partitions == 3,
        ),
        "namespace": Edited(
            "/admin/identity/namespaces/email/", namespace_form("email", name="Mine"),
            lambda: namespace.update(priority=4321), "4321", RuleChange.objects.exists,
        ),
    }  # fmt: skip


@pytest.fixture
def cases(fresh_database, administrator, source, tmp_path, monkeypatch) -> Any:
    """All forms, each with what is changed by it."""
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)
    with sqlite3.connect(tmp_path / "crm.db") as session:
        session.execute("CREATE TABLE customers (id integer PRIMARY KEY, email text, updated_at timestamp)")
        session.execute("INSERT INTO customers VALUES (1, 'jane@example.com', '2026-01-05 10:00:00')")
    session.close()
    yield {
        **of_sources(source), **of_plans(source), **of_catalogue(source), **of_webhooks(source),
        **of_connections(administrator, str(tmp_path / "crm.db")), **of_roles(), **of_settings(),
    }  # fmt: skip
    close_event_log()


def versions(answer: Any, name: str) -> list[str]:
    """What the fields of the forms of this name hold."""
    found = re.findall(r'name="made_from" value="([^"]*)"', answer.content.decode())
    return [each for each in map(html.unescape, found) if each.startswith(f"{name}:")]


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_change_that_somebody_else_made_meanwhile_is_shown_and_kept(cases, administrator, name):
    case: Edited = cases[name]
    version = versions(administrator.get(case.page), name)[-1]
    case.others()
    refused = administrator.post(case.post or case.page, {**case.typed, "made_from": version})
    page = html.unescape(refused.content.decode())
    assert refused.status_code == 409
    assert "Nothing was saved" in page
    assert case.theirs in page.partition("What you typed")[0]
    assert not case.mine() or name in ("role", "role_notices", "approval_policy")
    for key, value in case.typed.items():
        for each in value if isinstance(value, list) else [value]:
            assert (f'name="{key}" value="{each}"' in page) is (key != "password"), key
    assert "typed-secret" not in page
    again = administrator.post(
        case.post or case.page, {**case.typed, "made_from": versions(refused, name)[0]}
    )
    assert again.status_code in (200, 302), again.content.decode()[:2000]
    assert case.mine()


@pytest.mark.parametrize("name", ["source_visits", "webhook", "purpose", "plan_event"])
def test_what_nobody_else_changed_is_saved_at_once(cases, administrator, name):
    case: Edited = cases[name]
    version = versions(administrator.get(case.page), name)[-1]
    assert administrator.post(case.post or case.page, {**case.typed, "made_from": version}).status_code == 302
    assert case.mine()


@pytest.mark.parametrize("version", ["purpose:", "purpose:{}", "purpose:[1]", 'purpose:{"Name": 7}'])
def test_a_version_that_says_nothing_is_one_of_nothing(cases, administrator, version):
    case: Edited = cases["purpose"]
    assert administrator.post(case.page, {**case.typed, "made_from": version}).status_code == 409
    assert not case.mine()


def test_a_page_that_says_what_is_wrong_is_still_made_from_what_was_seen(cases, administrator):
    case: Edited = cases["purpose"]
    version = versions(administrator.get(case.page), "purpose")[0]
    wrong = administrator.post(case.page, {**case.typed, "name": "", "made_from": version})
    assert wrong.status_code == 400
    case.others()
    assert versions(wrong, "purpose") == [version]
    assert administrator.post(case.page, {**case.typed, "made_from": version}).status_code == 409


def test_a_role_is_looked_at_again_and_then_saved_over_theirs(cases, administrator):
    case: Edited = cases["role"]
    version = versions(administrator.get(case.page), "role")[0]
    case.others()
    refused = administrator.post(
        case.page, {**case.typed, "made_from": version, "seen": "old", "previewed": "x"}
    )
    assert 'name="seen"' not in refused.content.decode()
    newer = versions(refused, "role")[0]
    looked = administrator.post(case.page, {**case.typed, "made_from": newer})
    [seen, previewed] = re.findall(r'name="(?:seen|previewed)" value="(\w*)"', looked.content.decode())[:2]
    saved = {**case.typed, "made_from": newer, "seen": seen, "previewed": previewed}
    assert administrator.post(case.page, saved).status_code == 302
    assert Role.objects.get(group__name="marketer").operations == ["home.view"]
