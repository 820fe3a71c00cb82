"""The settings of topics on their page: shown to who sees the pipeline, declared and applied by who operates it."""

import pytest

from compliance.models import AuditEntry
from streaming.contracts.cluster import Ailment, LogTrouble
from streaming.contracts.records import TopicSpec
from streaming.event_log import event_log
from streaming.models import TopicSetting

PAGE = "/admin/topics/events.page/"
DECLARED = {"partitions": "3", "retention": "14d", "retention_bytes": "none", "cleanup": "delete"}


@pytest.fixture
def client(signed_in):
    event_log().create_topics([TopicSpec("events.page", 2)])
    return signed_in


def test_what_is_declared_is_shown_until_it_is_applied(client):
    operator = client("administrator")
    assert "Not as declared" not in operator.get(PAGE).content.decode()
    answer = operator.post(f"{PAGE}settings/", DECLARED, follow=True)
    assert "send most keys to another partition" in answer.content.decode()
    page = operator.get(PAGE).content.decode()
    assert "Not as declared" in page
    assert "Apply what is declared" in page
    assert "Not as declared" in operator.get("/admin/topics/").content.decode()
    assert event_log().topics()["events.page"] == 2
    answer = operator.post(f"{PAGE}apply/", follow=True).content.decode()
    assert "Applied: partitions 2 → 3, retention 7d → 14d." in answer
    assert event_log().describe(["events.page"])["events.page"] == TopicSpec("events.page", 3, 14 * 86_400)
    trail = (
        AuditEntry.objects.filter(target="topic:events.page").order_by("id").values_list("action", "actor")
    )
    assert list(trail) == [("topic.declare", "administrator"), ("topic.apply", "administrator")]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"partitions": "1"}, "can only grow"),
        ({"partitions": "many"}, "partitions should be a whole number"),
        ({"retention": "90d"}, "kept for 1m to 30d"),
        ({"retention": "soon"}, "as in 14d"),
        ({"cleanup": "compact"}, "need every record"),
        ({"cleanup": "burn"}, "say what to set"),
    ],
)
def test_what_is_refused_says_why_beside_what_was_typed(client, changed, said):
    usual = {"partitions": "2", "retention": "7d", "retention_bytes": "none", "cleanup": "delete"}
    answer = client("administrator").post(f"{PAGE}settings/", {**usual, **changed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not TopicSetting.objects.exists()


def test_only_who_operates_the_pipeline_changes_it(client):
    watcher = client("watcher")
    page = watcher.get(PAGE).content.decode()
    assert "Kept for" in page
    assert "Change …" not in page
    for answer in (
        watcher.get(f"{PAGE}settings/"),
        watcher.post(f"{PAGE}settings/", DECLARED),
        watcher.post(f"{PAGE}apply/"),
    ):
        assert answer.status_code == 403
    assert not TopicSetting.objects.exists()


def test_a_look_alone_applies_nothing(client):
    operator = client("administrator")
    operator.post(f"{PAGE}settings/", DECLARED)
    assert operator.get(f"{PAGE}apply/").status_code == 302
    assert event_log().topics()["events.page"] == 2
    assert operator.get("/admin/topics/none/settings/").status_code == 404


def test_what_is_wrong_with_the_cluster_stands_on_both_pages(client, monkeypatch):
    trouble = LogTrouble(
        Ailment.BROKER_MISSING, "broker 2 is missing: 5 partitions have a copy less", "Start it."
    )
    for page in ("cdp_site.pipeline.topics", "cdp_site.home.health"):
        monkeypatch.setattr(f"{page}.recent_log_troubles", lambda _open: [trouble])
    operator = client("administrator")
    for address in ("/admin/topics/", "/admin/"):
        assert "roker 2 is missing: 5 partitions have a copy less" in operator.get(address).content.decode()
