"""What an event says that somebody did on a network, from its name (docs/guides/social-events.md)."""

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from streaming.contracts.events import event_slug


class Kind(IntEnum):
    """What was done. The numbers are stored."""

    POST = 1
    REPLY = 2
    LIKE = 3
    FOLLOW = 4
    MENTION = 5


class Subject(IntEnum):
    """What it was done to: a later event of the same subject and target replaces an earlier one. Stored.

    A reply is content like a post is, because networks delete both by one id.
    """

    CONTENT = 1
    LIKE = 2
    FOLLOW = 3
    MENTION = 4


class Action(NamedTuple):
    """`undone` takes back what was done to the target. `network` is set where the name of the event tells it."""

    kind: Kind
    undone: bool
    network: str | None = None

    @property
    def subject(self) -> Subject:
        """The subject of the kind."""
        return _SUBJECTS[self.kind]


_SUBJECTS = {
    Kind.POST: Subject.CONTENT,
    Kind.REPLY: Subject.CONTENT,
    Kind.LIKE: Subject.LIKE,
    Kind.FOLLOW: Subject.FOLLOW,
    Kind.MENTION: Subject.MENTION,
}
_DONE = {
    Kind.POST: "post_published post_created post_shared posted status_posted photo_posted video_posted story_posted",
    Kind.REPLY: "reply_sent reply_posted replied comment_posted comment_added commented",
    Kind.LIKE: "post_liked liked like_added comment_liked video_liked photo_liked post_favourited post_favorited reaction_added",
    Kind.FOLLOW: "account_followed followed page_followed profile_followed",
    Kind.MENTION: "mention_received mention_created mentioned account_mentioned brand_mentioned mention",
}
_UNDONE = {
    Kind.POST: "post_deleted post_removed status_deleted",
    Kind.REPLY: "reply_deleted comment_deleted comment_removed",
    Kind.LIKE: "post_unliked unliked like_removed comment_unliked video_unliked photo_unliked post_unfavourited post_unfavorited reaction_removed",
    Kind.FOLLOW: "account_unfollowed unfollowed page_unfollowed profile_unfollowed",
    Kind.MENTION: "mention_deleted mention_removed",
}
_OF_X = {
    "tweet": Action(Kind.POST, undone=False, network="x"),
    "tweeted": Action(Kind.POST, undone=False, network="x"),
    "tweet_sent": Action(Kind.POST, undone=False, network="x"),
    "tweet_posted": Action(Kind.POST, undone=False, network="x"),
    "tweet_deleted": Action(Kind.POST, undone=True, network="x"),
    "tweet_replied": Action(Kind.REPLY, undone=False, network="x"),
    "tweet_liked": Action(Kind.LIKE, undone=False, network="x"),
    "tweet_favorited": Action(Kind.LIKE, undone=False, network="x"),
    "tweet_unliked": Action(Kind.LIKE, undone=True, network="x"),
}
_ACTIONS = {
    **{slug: Action(kind, undone=False) for kind, slugs in _DONE.items() for slug in slugs.split()},
    **{slug: Action(kind, undone=True) for kind, slugs in _UNDONE.items() for slug in slugs.split()},
    **_OF_X,
}


@lru_cache(maxsize=16_384)
def action_of(name: str) -> Action | None:
    """What an event of this name says, or None for the many that are of no interest here."""
    return _ACTIONS.get(event_slug(name))
