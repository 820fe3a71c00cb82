"""An account is a function of the set of its facts, and says what the facts say."""

from hypothesis import given
from hypothesis import strategies as st

from profiles.moments import Moment
from profiles.social.account import Account
from profiles.social.actions import Action, Kind
from profiles.social.facts import Fact
from tests.profiles.social.given import ANCHOR, account_of, digest, facts


@given(facts, st.data())
def test_order_and_repetition_change_nothing(given_facts, data):
    shuffled = data.draw(st.permutations(given_facts))
    repeated = data.draw(st.lists(st.sampled_from(given_facts), max_size=8))
    assert account_of([*repeated, *shuffled, *repeated]) == account_of(given_facts)


@given(facts)
def test_only_the_latest_fact_of_each_target_counts(given_facts):
    """Against the definition, computed from all facts at once."""
    latest: dict[object, Fact] = {}
    for fact in sorted(
        given_facts, key=lambda each: (each.moment.time, each.action.undone, each.moment.message)
    ):
        latest[fact.item] = fact
    standing = [fact for fact in latest.values() if not fact.action.undone]
    totals = account_of(given_facts).totals
    assert totals is not None
    assert totals.counts == {kind: sum(fact.action.kind is kind for fact in standing) for kind in Kind}
    rated = [fact.sentiment for fact in standing if fact.sentiment is not None]
    assert (totals.rated, totals.sentiment) == (len(rated), sum(rated))
    assert totals.reach == sum(fact.reach for fact in standing)
    assert totals.first_at == min(fact.moment.time for fact in given_facts)
    assert totals.last_at == max(fact.moment.time for fact in given_facts)


@given(facts)
def test_what_was_said_last_of_the_account_stays(given_facts):
    account = account_of(given_facts)
    said = sorted((fact.moment, fact.handle) for fact in given_facts if fact.handle)
    assert (account.handle and account.handle.value) == (said[-1][1] if said else None)


def _like(time: int, number: int, *, undone: bool = False, target: int = 7) -> Fact:
    return Fact(ANCHOR, "x", Action(Kind.LIKE, undone), digest(target), Moment(time, digest(number)))


def _likes(account: Account) -> int:
    assert account.totals is not None
    return account.totals.counts[Kind.LIKE]


def test_an_unlike_lowers_the_likes_even_when_it_comes_first():
    like, unlike = _like(1, 1), _like(2, 2, undone=True)
    assert _likes(account_of([like])) == 1
    assert _likes(account_of([like, unlike])) == 0
    assert _likes(account_of([unlike, like])) == 0
    assert _likes(account_of([unlike, like, _like(3, 3)])) == 1
    assert _likes(account_of([like, _like(1, 9, target=8), unlike])) == 1


def test_a_post_that_was_deleted_takes_its_reach_and_sentiment_with_it():
    post = Fact(
        ANCHOR, "x", Action(Kind.POST, False), digest(1), Moment(1, digest(1)), reach=900, sentiment=-500
    )
    deleted = post._replace(
        action=Action(Kind.POST, True), moment=Moment(2, digest(2)), reach=0, sentiment=None
    )
    totals = account_of([deleted, post]).totals
    assert totals is not None
    assert (totals.reach, totals.rated, totals.last_at) == (0, 0, 2)
