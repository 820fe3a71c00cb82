"""What an event is in a visit, from its name (docs/guides/behaviour-events.md)."""

from enum import IntEnum
from functools import lru_cache

from streaming.contracts.events import event_slug


class Kind(IntEnum):
    """The numbers are stored."""

    OTHER = 0  # of no interest in itself: it shows that the visit went on
    VIEW = 1
    CLICK = 2
    HOVER = 3
    SCROLL = 4
    ERROR = 5
    COMPLAINT = 6
    RAGE_CLICK = 7  # as an SDK reports it
    DEAD_CLICK = 8  # likewise


_NAMES = {
    Kind.VIEW: "page_viewed screen_viewed pageview mp_page_view",
    Kind.CLICK: """
        element_clicked button_clicked link_clicked clicked click element_tapped button_tapped mp_click
        amplitude_element_clicked
    """,
    Kind.HOVER: "element_hovered mouse_over mouse_overed mouseover mouse_entered mouseenter hovered hover",
    Kind.SCROLL: "page_scrolled scrolled scroll scroll_depth_reached mp_scroll",
    Kind.ERROR: """
        error_shown error_occurred error_displayed error javascript_error form_error validation_failed
        validation_error exception
    """,
    Kind.COMPLAINT: "complaint_submitted complaint_received complaint_filed complaint_made complaint complained",
    Kind.RAGE_CLICK: "rage_clicked rage_click rageclick mp_rage_click amplitude_rage_click",
    Kind.DEAD_CLICK: "dead_clicked dead_click deadclick mp_dead_click amplitude_dead_click",
}
_KINDS = {slug: kind for kind, slugs in _NAMES.items() for slug in slugs.split()}


@lru_cache(maxsize=16_384)
def kind_of(type_: str, name: str | None) -> Kind:
    """The kind of an event of this type and name."""
    if type_ in {"page", "screen"}:
        return Kind.VIEW
    return _KINDS.get(event_slug(name), Kind.OTHER) if type_ == "track" and name else Kind.OTHER
