"""The accounts of several anchors on one network as one: those of a person."""

from collections.abc import Sequence

from profiles.social.account import Account, Known, Totals


def join(accounts: Sequence[Account], counts: Totals | None) -> Account:
    """One account of these, of which each has totals. Of more than one, `counts` has what their items give together."""
    if len(accounts) == 1:
        return accounts[0]
    assert counts is not None
    parts = [account.totals for account in accounts if account.totals is not None]
    counts.first_at = min(part.first_at for part in parts)
    counts.last_at = max(part.last_at for part in parts)
    counts.purposes = frozenset().union(*(part.purposes for part in parts))
    return Account(
        accounts[0].anchor,
        accounts[0].network,
        _latest([account.handle for account in accounts]),
        _latest([account.followers for account in accounts]),
        counts,
    )


def _latest(known: Sequence[Known | None]) -> Known | None:
    return max((each for each in known if each is not None), key=lambda each: each.moment, default=None)
