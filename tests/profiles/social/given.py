"""Facts of one account, drawn from few targets and moments, so that they meet."""

from typing import Any

from hypothesis import strategies as st

from profiles.moments import Moment
from profiles.social.account import Account, Item, Target
from profiles.social.actions import Action, Kind
from profiles.social.facts import Fact

ANCHOR = "6f1c0f9e-0000-4000-8000-000000000001"


def digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


def _fact(number: int, time: int, kind: Kind, target: int, undone: bool, **said: object) -> Fact:
    """The fact of message `number`."""
    action = Action(kind, undone)
    return Fact(ANCHOR, "x", action, digest(target), Moment(time, digest(number)), **said)  # type: ignore[arg-type]


_FACTS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    time=st.integers(0, 4),
    kind=st.sampled_from(Kind),
    target=st.integers(0, 2),
    undone=st.booleans(),
    handle=st.sampled_from([None, "jane", "jane_m"]),
    followers=st.sampled_from([None, 10, 200]),
    reach=st.integers(0, 50),
    sentiment=st.sampled_from([None, -1000, -1, 0, 333, 1000]),
    purposes=st.sampled_from(["", "only marketing"]),
)
facts = st.lists(_FACTS, min_size=1, max_size=14).map(
    lambda drawn: [_fact(number, **each) for number, each in enumerate(drawn)]
)


def account_of(given: list[Fact]) -> Account:
    """The account after these facts, one after another."""
    account, items = Account(ANCHOR, "x"), dict[Target, Item]()
    for fact in given:
        account.take(fact, items)
    return account
