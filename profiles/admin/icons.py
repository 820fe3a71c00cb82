"""The Material symbol of an event, by its type, and for a track by the words of its name."""

import re

_TYPES = {
    "identify": "person_add",
    "page": "article",
    "screen": "smartphone",
    "group": "groups",
    "alias": "link",
    "track": "bolt",
}
_WORDS = (
    ("refund refunded return returned cancelled canceled", "undo"),
    ("order purchase purchased bought", "shopping_bag"),
    ("checkout payment paid invoice", "credit_card"),
    ("cart basket wishlist added removed", "shopping_cart"),
    ("product viewed view list", "visibility"),
    ("search searched", "search"),
    ("email newsletter mail", "mail"),
    ("call called phone", "call"),
    ("support ticket complaint chat", "support_agent"),
    ("review rated rating survey", "star"),
    ("signed registered signup login account", "how_to_reg"),
    ("click clicked banner promotion ad", "ads_click"),
    ("shipped delivered delivery shipment", "local_shipping"),
    ("subscription plan trial", "autorenew"),
    ("video played watched", "play_circle"),
    ("installed opened application app", "install_mobile"),
)
_ICONS = tuple((frozenset(words.split()), icon) for words, icon in _WORDS)


def icon_of(event_type: str, name: str | None) -> str:
    """The symbol; that of the type when the name says nothing, or is hidden."""
    words = set(re.findall(r"[a-z]+", (name or "").lower()))
    return next((icon for known, icon in _ICONS if known & words), _TYPES.get(event_type, "bolt"))
