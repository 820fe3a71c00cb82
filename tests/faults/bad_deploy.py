"""Settings of a release whose parser is broken: it finds every event unreadable."""

from typing import NoReturn

from streaming.contracts import events


def _refuse(value: bytes | None) -> NoReturn:
    del value
    raise events.UndecodableEvent("this release reads no event at all")


events.decode_event = _refuse

from cdp_site.settings import *  # noqa: E402, F403, TID251 -- the parser is broken before anybody imports it
