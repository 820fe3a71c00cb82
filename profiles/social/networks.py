"""Names of social networks: one key for each, whatever a source calls it."""

import re
from typing import Any

from streaming.contracts.events import event_slug

LONGEST = 40

_KNOWN = {
    "x": "X",
    "mastodon": "Mastodon",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "bluesky": "Bluesky",
    "threads": "Threads",
    "reddit": "Reddit",
    "pinterest": "Pinterest",
}
_ALIASES = {
    "twitter": "x",
    "x_twitter": "x",
    "twitter_x": "x",
    "fb": "facebook",
    "meta": "facebook",
    "ig": "instagram",
    "insta": "instagram",
    "li": "linkedin",
    "linked_in": "linkedin",
    "yt": "youtube",
    "you_tube": "youtube",
    "tik_tok": "tiktok",
    "bsky": "bluesky",
    "fediverse": "mastodon",
    "mastodon_social": "mastodon",
}
_DOMAIN = re.compile(r"^(?:https?://)?(?:www\.|m\.)?([a-z0-9.-]+?)\.(?:com|net|org|app)(?:/.*)?$")


def network_key(name: Any) -> str | None:
    """The key of a network: `x` for "Twitter", "X" and "twitter.com"; of others their slug; None when unusable."""
    if not isinstance(name, str):
        return None
    text = name.strip().lower()
    site = _DOMAIN.match(text)
    slug = event_slug(site[1] if site else text)[:LONGEST]
    return _ALIASES.get(slug, slug) or None


def network_label(key: str) -> str:
    """What to call a network on a screen."""
    return _KNOWN.get(key) or key.replace("_", " ").capitalize()
