"""Namespaces: the list, the form, the dry run with Apply and Cancel, history."""

from datetime import UTC, datetime

import pytest

from profiles import tasks
from profiles.models import Namespace, RuleChange
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import event


@pytest.fixture(autouse=True)
def _tasks_run_at_once(fresh_database, monkeypatch):
    """As a worker would run them; and the topic that they publish in."""
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    for task in (tasks.measure_rule_change, tasks.apply_rule_change):
        monkeypatch.setattr(task, "delay", task)
    yield
    close_event_log()


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def form(key: str, **fields: str) -> dict[str, str]:
    """The form of a namespace as it is filled in, but for these fields."""
    row = Namespace.objects.get(key=key)
    filled = {
        "name": row.name, "level": row.level, "priority": str(row.priority), "limit": str(row.limit or ""),
        "limit_days": str(row.limit_days or ""), "normaliser": row.normaliser, "content": row.content,
        **{each: "\r\n".join(filter(None, getattr(row, each))) for each in (
            "paths", "verified_paths", "blocked_values", "blocked_patterns", "shared_patterns", "content_patterns",
        )},
    }  # fmt: skip
    flags = {each: "on" for each in ("unique", "shareable") if getattr(row, each)}
    return {**filled, **flags, **fields}


def test_the_list_tells_what_each_allows(signed_in):
    page = _text(signed_in("administrator").get("/admin/identity/namespaces/"))
    for words in ("User id", "one", "at most 500", "Device", "joins nobody", "any number"):
        assert words in page


def test_a_marketer_sees_no_rules_and_cannot_change_them(signed_in):
    client = signed_in("marketer")
    for address in ("namespaces/", "namespaces/email/", "changes/", "changes/1/"):
        assert client.get(f"/admin/identity/{address}").status_code == 403
    assert client.post("/admin/identity/changes/1/apply/").status_code == 403
    assert client.post("/admin/identity/health/values/1/block/").status_code == 403


def test_a_change_is_measured_shown_and_applied(signed_in, builder):
    for number in range(3):
        builder.send(event(anonymous_id=f"d{number}", user_id="u", minutes=number))
    client = signed_in("administrator")
    answer = client.post("/admin/identity/namespaces/anonymous_id/", form("anonymous_id", limit="1"))
    change = RuleChange.objects.get()
    assert answer["Location"] == f"/admin/identity/changes/{change.pk}/"
    page = _text(client.get(answer["Location"]))
    for words in ("Taken apart", "For example", "Apply", "Cancel", "At most", "500", "is taken apart into 3"):
        assert words in page
    assert Namespace.objects.get(key="anonymous_id").limit == 500
    client.post(f"/admin/identity/changes/{change.pk}/apply/")
    assert Namespace.objects.get(key="anonymous_id").limit == 1
    assert "Applied by administrator" in _text(client.get(answer["Location"]))
    history = _text(client.get("/admin/identity/namespaces/anonymous_id/"))
    assert "administrator" in history
    assert "<del>500</del> → <ins>1</ins>" in history
    assert "Applied" in _text(client.get("/admin/identity/changes/"))


def test_cancelled_it_changes_nothing(signed_in):
    client = signed_in("administrator")
    client.post("/admin/identity/namespaces/email/", form("email", limit="2"))
    change = RuleChange.objects.get()
    page = _text(client.get(f"/admin/identity/changes/{change.pk}/"))
    assert "Everybody stays as they are" in page
    client.post(f"/admin/identity/changes/{change.pk}/cancel/")
    assert "Cancelled" in _text(client.get(f"/admin/identity/changes/{change.pk}/"))
    assert Namespace.objects.get(key="email").limit == 5
    answer = client.post(f"/admin/identity/changes/{change.pk}/apply/", follow=True)
    assert "only one that was measured can be applied" in _text(answer)


def test_figures_of_former_rules_are_measured_again(signed_in):
    client = signed_in("administrator")
    client.post("/admin/identity/namespaces/email/", form("email", limit="2"))
    stale = RuleChange.objects.get()
    Namespace.objects.filter(key="phone").update(limit=9)
    assert "Measure again" in _text(client.get(f"/admin/identity/changes/{stale.pk}/"))
    answer = client.post(f"/admin/identity/changes/{stale.pk}/again/", follow=True)
    assert "Apply" in _text(answer)
    assert RuleChange.objects.latest("pk").pk > stale.pk


WRONG = [
    ("limit", "seven", "whole number"), ("limit", "0", "1 to 1,000,000"), ("blocked_patterns", "(?=a)b", "no look-around"),
    ("paths", "traits..x", "is no path"), ("name", "", "A name has"), ("level", "x", "Choose one of the levels"),
]  # fmt: skip


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(signed_in):
    client = signed_in("administrator")
    for field, typed, words in WRONG:
        answer = client.post("/admin/identity/namespaces/email/", form("email", **{field: typed}))
        page = _text(answer)
        assert answer.status_code == 400, field
        assert words in page
        assert f'id="{field}-error"' in page
        assert f'value="{typed}"' in page or f">{typed}</textarea>" in page or field == "level"
    assert not RuleChange.objects.exists()


def test_an_unchanged_form_is_no_change_whatever_the_order_of_lists(signed_in):
    lines = form("email")["blocked_values"].split("\r\n")
    answer = signed_in("administrator").post(
        "/admin/identity/namespaces/email/", form("email", blocked_values="\n".join(reversed(lines)))
    )
    assert answer.status_code == 400
    assert "has these rules already" in _text(answer)
    assert "" in Namespace.objects.get(key="email").blocked_values


def test_while_it_works_the_page_asks_again(signed_in):
    change = RuleChange.objects.create(
        namespace=Namespace.objects.get(key="email"), before={**_values("email")}, after={**_values("email"), "limit": 1},
        state="measuring", made_by="x", made_at=datetime.now(UTC), done=1, total=4,
    )  # fmt: skip
    client = signed_in("administrator")
    part = client.get(f"/admin/identity/changes/{change.pk}/", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert 'value="0.2500"' in part.content.decode()
    assert 'hx-trigger="every 1s"' in part.content.decode()
    assert client.get("/admin/identity/changes/999999/").status_code == 404
    assert client.get("/admin/identity/namespaces/nothing/").status_code == 404


def _values(key: str) -> dict:
    from profiles.domain.rules.values import values_of

    return dict(values_of(Namespace.objects.get(key=key)))
