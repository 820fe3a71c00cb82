"""By which channel an event came: what it says itself, else what its SDK and its source are known for."""

import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any


class EventChannel(StrEnum):
    """A way that events come. UNKNOWN is empty: nothing tells."""

    WEB = "web"
    MOBILE = "mobile"
    SERVER = "server"
    IMPORT = "import"
    WEBHOOK = "webhook"
    DEVICE = "device"
    UNKNOWN = ""


Channels = Callable[[Collection[int]], Mapping[int, str]]

_SAID = {
    "browser": EventChannel.WEB,
    "web": EventChannel.WEB,
    "mobile": EventChannel.MOBILE,
    "server": EventChannel.SERVER,
    "sources": EventChannel.IMPORT,
}
# Words in the names of the SDKs of Segment and RudderStack; where there are two, both.
_LIBRARIES = (
    (EventChannel.MOBILE, ("ios", "android", "kotlin", "swift", "react native", "flutter")),
    (EventChannel.SERVER, ("node", "python", "ruby", "java", "php", "go", "net", "rust")),
    (EventChannel.WEB, ("js", "analytics next", "javascript")),
)
_WORD = re.compile(r"[a-z0-9]+")
_SYSTEMS = frozenset({"ios", "android", "ipados"})
_channels: list[Channels] = []


def register_source_channels(channels: Channels) -> None:
    """Have `channels` answer; it takes ids of sources and gives the channel of those that have one of their own."""
    _channels[:] = [channels]


def source_channels(ids: Collection[int]) -> Mapping[int, EventChannel]:
    """The channel of each of these sources that has one whatever its events say, as a webhook has."""
    known = _channels[0](ids) if _channels and ids else {}
    return {source: EventChannel(channel) for source, channel in known.items()}


def channel_of(
    context: Mapping[str, Any], *, import_id: int = 0, source: EventChannel | None = None
) -> EventChannel:
    """The channel of an event with this context; `source` is that of its source. Never fails, whatever was sent."""
    if import_id:
        return EventChannel.IMPORT
    said = context.get("channel")
    if isinstance(said, str) and (found := _SAID.get(said.strip().lower())):
        return found
    return _by_library(context) or source or _by_device(context)


def _by_library(context: Mapping[str, Any]) -> EventChannel | None:
    name = set(_WORD.findall(_text(context, "library", "name")))
    return next(
        (channel for channel, known in _LIBRARIES if any(name.issuperset(words.split()) for words in known)),
        None,
    )


def _by_device(context: Mapping[str, Any]) -> EventChannel:
    systems = {_text(context, "device", "type"), _text(context, "os", "name")}
    if systems & _SYSTEMS and not isinstance(context.get("page"), dict):
        return EventChannel.MOBILE
    return EventChannel.WEB if isinstance(context.get("page"), dict) else EventChannel.UNKNOWN


def _text(context: Mapping[str, Any], outer: str, inner: str) -> str:
    about = context.get(outer)
    value = about.get(inner) if isinstance(about, dict) else None
    return value.lower() if isinstance(value, str) else ""
