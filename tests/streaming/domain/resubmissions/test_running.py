"""Jobs send each letter once and in order, at their rate, whatever stops them."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import AuditEntry, NoticeReceipt, User
from streaming.contracts.partitioning import MAX_RECORD_BYTES
from streaming.domain import dead_letters
from streaming.domain.queries.resubmissions import UnknownResubmission, resubmission, resubmissions
from streaming.domain.resubmissions import leasing, running, starting
from streaming.domain.resubmissions.starting import Choice, NothingToResubmit, WrongRate
from streaming.domain.running import UnknownConsumer
from streaming.models import DeadLetter, Resubmission
from streaming.runtime.failpoints import FailpointReached
from tests.streaming.contract.subject import Subject
from tests.streaming.domain.resubmissions.conftest import NOW, RETRY, Time, refuse, run, start

pytestmark = pytest.mark.usefixtures("pipeline")


def states() -> list[str]:
    return list(DeadLetter.objects.order_by("id").values_list("state", flat=True))


def job_of(number: int) -> Resubmission:
    return Resubmission.objects.get(pk=number)


def test_letters_go_back_in_the_order_in_which_they_first_stood(returned):
    for partition, offset, is_back in (
        (0, 9, False),
        (1, 4, False),
        (0, 3, True),
        (1, 2, False),
        (0, 5, True),
    ):
        refuse(partition, offset, is_back=is_back)
    assert run(start()) is None
    assert returned() == ["0/3", "0/5", "0/9", "1/2", "1/4"]
    assert set(states()) == {"resubmitted"}
    assert set(DeadLetter.objects.values_list("decided_by", flat=True)) == {"alice"}


def test_those_that_one_call_sends_keep_the_order_too(returned):
    letters = [refuse(0, offset) for offset in (7, 3, 5)]
    dead_letters.resubmit([letter.pk for letter in letters], actor=None, by_name="alice", now=NOW)
    assert returned() == ["0/3", "0/5", "0/7"]


place = st.tuples(st.integers(0, 2), st.integers(0, 30), st.booleans())
stop = st.sampled_from(["resubmission.before_commit", "resubmission.after_commit"])


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
@given(
    places=st.lists(place, min_size=1, max_size=12, unique_by=lambda each: each[:2]),
    at_once=st.integers(1, 5),
    stops=st.lists(st.tuples(stop, st.integers(1, 3)), max_size=4),
)
def test_each_goes_back_once_and_in_order_wherever_the_runner_dies(pipeline, places, at_once, stops):
    DeadLetter.objects.all().delete()
    Resubmission.objects.all().delete()
    log = Subject(pipeline.log)
    before = len(log.read_topic(RETRY)) if RETRY in pipeline.log.topics() else 0
    for each in places:
        refuse(each[0], each[1], is_back=each[2])
    job = start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "AT_ONCE", at_once)
        for name, on_pass in stops:
            die_at(patch, name, on_pass)
            try:
                run(job)
            except FailpointReached:
                Resubmission.objects.update(lease_until=NOW)  # as time would
        die_at(patch, "", 0)
        run(job)
    sent = [(record.value or b"").decode() for record in log.read_topic(RETRY)[before:]]
    assert sorted(sent) == sorted(f"{partition}/{offset}" for partition, offset, _ in places)
    by_partition: dict[str, list[int]] = defaultdict(list)
    for each_sent in sent:
        partition, _, offset = each_sent.partition("/")
        by_partition[partition].append(int(offset))
    assert all(offsets == sorted(offsets) for offsets in by_partition.values())
    assert (job_of(job).state, job_of(job).sent) == ("done", len(places))


def die_at(patch: pytest.MonkeyPatch, name: str, on_pass: int) -> None:
    """Have the runner die at the n-th pass; it leaves its lease behind, as a killed process does."""
    passes = iter(range(1, 1000))

    def reach(reached: str) -> None:
        if reached == name and next(passes) == on_pass:
            raise FailpointReached(name)

    patch.setattr(running, "reach", reach)
    patch.setattr(running, "release_lease", (lambda *_: None) if name else leasing.release_lease)


def test_nothing_else_decides_on_letters_that_wait_for_their_job(returned):
    letter, other = refuse(0, 1), refuse(0, 2, reason="another")
    job = start(Choice("counting", reason="no"))
    assert states() == ["queued", "open"]
    assert dead_letters.discard([letter.pk, other.pk], actor=None, by_name="bob", now=NOW) == 1
    assert dead_letters.resubmit([letter.pk], actor=None, by_name="bob", now=NOW) == 0
    with pytest.raises(NothingToResubmit):
        start()
    run(job)
    assert returned() == ["0/1"]
    assert resubmission(job, now=NOW).alike == letter.pk


def test_jobs_of_a_consumer_go_one_after_the_other(returned):
    refuse(0, 8)
    first = start()
    refuse(0, 1)
    second = start()
    assert leasing.without_runner() == [first]
    assert run(second) is None
    assert returned_or_nothing(returned) == []
    run(first)
    assert leasing.without_runner() == [second]
    run(second)
    assert returned() == ["0/8", "0/1"]
    assert [row.id for row in resubmissions(now=NOW)] == [second, first]


def returned_or_nothing(returned: Callable[[], list[str]]) -> list[str]:
    try:
        return returned()
    except KeyError:  # the topic does not exist yet
        return []


def test_the_rate_holds_whoever_runs_the_job(returned):
    for offset in range(30):
        refuse(0, offset)
    job, time = start(rate=2), Time()
    while run(job, time, seconds=3) is not None:
        assert job_of(job).lease_owner is None
    assert len(returned()) == 30
    assert 13 <= time.waited <= 15
    row = resubmission(job, now=time.now)
    assert (row.rate, row.sent, row.state, row.fraction) == (2.0, 30, "done", 1.0)


def test_a_slow_job_holds_no_worker_while_it_waits(returned):
    for offset in range(2):
        refuse(0, offset)
    job, time = start(rate=0.01), Time()
    assert run(job, time) == pytest.approx(100)
    assert (time.waited, returned()) == (0, ["0/0"])


@pytest.mark.parametrize("rate", [0, -1, 0.001, 1e9, float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    refuse(0, 0)
    with pytest.raises(WrongRate, match="letters a second"):
        start(rate=rate)
    assert states() == ["open"]


def test_a_consumer_that_nobody_knows_is_refused_with_the_one_that_was_meant():
    refuse(0, 0, consumer="countin")
    with pytest.raises(UnknownConsumer, match="did you mean 'counting'"):
        start(Choice("countin"))


def test_a_cancelled_job_leaves_the_rest_open_and_what_was_sent_sent(returned, monkeypatch):
    for offset in range(3):
        refuse(0, offset)
    monkeypatch.setattr(running, "AT_ONCE", 1)
    earlier = AuditEntry.objects.count()  # the trail outlives the jobs of other tests
    job = start(rate=1)

    def cancel_while_it_waits(_seconds: float) -> None:
        assert starting.cancel(job, actor=None, by_name="alice", now=NOW) == 2

    assert running.run(job, clock=Time(), pause=cancel_while_it_waits, seconds=60) is None
    assert returned() == ["0/0"]
    assert states() == ["resubmitted", "open", "open"]
    row = resubmission(job, now=NOW)
    assert (row.state, row.sent, row.is_active) == ("cancelled", 1, False)
    assert starting.cancel(job, actor=None, by_name="alice", now=NOW) == 0
    trail = AuditEntry.objects.order_by("id")[earlier:]
    assert {entry.target for entry in trail} == {f"resubmission {job}"}
    assert list(trail.values_list("action", flat=True)) == ["dead_letters.resubmit", "dead_letters.cancel"]


def test_a_frozen_runner_that_lost_its_lease_sends_nothing_more(returned):
    for offset in range(4):
        refuse(0, offset)
    job, time = start(rate=1), Time()
    stolen = uuid4()

    def wake_up_late(_seconds: float) -> None:
        Resubmission.objects.update(lease_owner=stolen, lease_until=NOW + timedelta(days=9999))

    assert running.run(job, clock=time, pause=wake_up_late, seconds=60) is None
    assert returned() == ["0/0"]
    assert job_of(job).lease_owner == stolen
    assert run(job) is None
    assert returned() == ["0/0"]


def test_a_letter_that_the_log_would_never_take_stays_open_and_holds_up_no_other(returned):
    refuse(0, 0, value=b"x" * (4 * 1024 * 1024))
    refuse(0, 1)
    job = start()
    run(job)
    assert returned() == ["0/1"]
    assert states() == ["open", "resubmitted"]
    row = resubmission(job, now=NOW)
    assert (row.state, row.sent, row.left_open) == ("done", 1, 1)


def test_an_unknown_job_is_said_to_be_none():
    with pytest.raises(UnknownResubmission, match="no resubmission 999"):
        resubmission(999, now=NOW)


def told() -> list[tuple[str, str, str]]:
    """What stands in the inbox of who begins the jobs."""
    receipts = NoticeReceipt.objects.filter(user__username="alice").order_by("id").select_related("notice")
    return [(each.notice.subject, each.notice.body, each.notice.link) for each in receipts]


@pytest.fixture
def alice(pipeline):
    """Somebody with an empty inbox."""
    User.objects.get_or_create(username="alice", defaults={"is_staff": True})
    NoticeReceipt.objects.all().delete()


@pytest.mark.usefixtures("alice")
def test_who_began_a_job_is_told_once_how_it_ended(returned):
    for offset in range(3):
        refuse(0, offset)
    job = start()
    assert told() == []
    run(job)
    run(job)
    link = f"/admin/dead-letters/resubmissions/{job}/"
    assert told() == [("3 of 3 dead letters of counting went back", "", link)]
    assert returned() == ["0/0", "0/1", "0/2"]


@pytest.mark.usefixtures("alice", "returned")
def test_what_could_not_go_back_is_told_with_what_to_do():
    refuse(0, 0)
    refuse(0, 1, value=b"x" * MAX_RECORD_BYTES)
    run(start())
    [(subject, body, _)] = told()
    assert subject == "1 of 2 dead letters of counting went back"
    assert (
        body == "Too large for the log with its headers: 1. Make them smaller (edit them), or discard them."
    )


@pytest.mark.usefixtures("alice", "returned")
def test_a_job_that_another_one_cancelled_is_told_its_beginner():
    refuse(0, 0)
    starting.cancel(start(), actor=None, by_name="alice", now=NOW)
    assert told() == [], "who cancels their own knows it"
    starting.cancel(start(), actor=None, by_name="bob", now=NOW)
    [(subject, body, _)] = told()
    assert subject == "The resubmission of dead letters of counting was cancelled by bob"
    assert body == "Gone back: 0 of 1. Open again: 1."
