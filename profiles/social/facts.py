"""What one event says of somebody on a network: all that is kept of it."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

from compliance.consent import narrowed
from profiles.combining.properties import first_of
from profiles.moments import Moment
from profiles.social.actions import Action, Kind, Subject, action_of
from profiles.social.networks import network_key

MAX_HANDLE = 100
MAX_NUMBER = 10**12  # followers and reach beyond it are a mistake
SCALE = 1000  # sentiment is kept in whole thousandths, so that sums do not depend on their order

_NETWORK = ("network", "social_network", "platform", "provider")
_HANDLE = ("handle", "username", "screen_name", "account_handle")
_FOLLOWERS = ("followers", "followers_count", "follower_count")
_REACH = ("reach", "impressions")
_SENTIMENT = ("sentiment", "sentiment_score")
_TARGET = {
    Kind.POST: ("post_id", "tweet_id", "status_id", "id", "url"),
    # The post_id of a reply is that of the post it answers.
    Kind.REPLY: ("reply_id", "comment_id", "tweet_id", "status_id", "id", "url"),
    Kind.LIKE: ("post_id", "tweet_id", "status_id", "comment_id", "target_id", "url", "id"),
    Kind.FOLLOW: ("followed", "followed_handle", "account", "account_id", "target"),
    Kind.MENTION: ("mention_id", "post_id", "tweet_id", "status_id", "id", "url"),
}
_READ = tuple(
    f"properties.{name}"
    for name in {
        *_NETWORK,
        *_HANDLE,
        *_FOLLOWERS,
        *_REACH,
        *_SENTIMENT,
        *chain.from_iterable(_TARGET.values()),
    }
)
_WORDS = {"positive": SCALE, "neutral": 0, "negative": -SCALE, "mixed": 0}


class Fact(NamedTuple):
    """One action. `target` is a digest of what it was done to; where nothing is named, of the message itself."""

    anchor: str
    network: str
    action: Action
    target: bytes
    moment: Moment
    handle: str | None = None
    followers: int | None = None
    reach: int = 0
    sentiment: int | None = None
    purposes: str = ""

    @property
    def item(self) -> tuple[Subject, bytes]:
        """What it was done to, within the account."""
        return self.action.subject, self.target


def fact_of(
    anchor: str, name: str, properties: Mapping[str, Any], moment: Moment, purposes: Sequence[str] = ()
) -> Fact | None:
    """What this event says, or None when it is not social or names no network. Never fails, whatever was sent."""
    action = action_of(name)
    network = action and (action.network or first_of(properties, _NETWORK, network_key))
    if action is None or not network:
        return None
    return Fact(
        anchor,
        network,
        action,
        _target(action, properties, moment),
        moment,
        handle=first_of(properties, _HANDLE, _handle),
        followers=first_of(properties, _FOLLOWERS, _number),
        reach=first_of(properties, _REACH, _number) or 0,
        sentiment=first_of(properties, _SENTIMENT, _sentiment),
        purposes=" ".join(narrowed(purposes, _READ)),
    )


def _target(action: Action, properties: Mapping[str, Any], moment: Moment) -> bytes:
    named = first_of(properties, _TARGET[action.kind], _text)
    if named is None and action.kind is Kind.FOLLOW:
        named = ""  # who names nobody follows the organisation's own account
    return moment.message if named is None else blake2b(named.encode(), digest_size=16).digest()


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip().removeprefix("@").encode(errors="replace").decode() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _handle(value: Any) -> str | None:
    text = _text(value) if isinstance(value, str) else None
    return text[:MAX_HANDLE].replace("\0", "") or None if text else None


def _number(value: Any) -> int | None:
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= len(str(MAX_NUMBER))
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_NUMBER:
        return None
    return int(value)


def _sentiment(value: Any) -> int | None:
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
        return None
    return round(value * SCALE)
