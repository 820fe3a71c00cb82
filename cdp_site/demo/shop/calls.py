"""A call of an SDK, not yet sent."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from cdp_site.demo.shop.catalogue import ADDRESS
from cdp_site.demo.shop.people import Device, Person


@dataclass(frozen=True, slots=True)
class Call:
    """`method` is that of the SDK. Without `at` it happens now; without `message_id` the SDK makes one."""

    method: str
    user_id: str | None = None
    anonymous_id: str | None = None
    event: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    traits: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    group_id: str | None = None
    at: datetime | None = None
    message_id: str | None = None

    def at_time(self, at: datetime, message_id: str) -> "Call":
        """The call as something of the past, the same each time it is sent."""
        return replace(self, at=at, message_id=message_id)


class Step(NamedTuple):
    """What comes next in a visit, and after how many seconds."""

    after: float
    call: Call


def seen(person: Person, device: Device, path: str, title: str, referrer: str = "") -> Call:
    """A page view as the browser sends it."""
    page = {"path": path, "url": ADDRESS + path, "title": title, "referrer": referrer, "search": ""}
    return Call(
        "page",
        user_id=person.user_id if device.signed_in else None,
        anonymous_id=device.anonymous_id,
        event=title,
        properties=page,
        context=_browser(device, path),
    )


def done(person: Person, device: Device, event: str, properties: dict[str, Any], path: str = "/") -> Call:
    """Something done in the browser."""
    return Call(
        "track",
        user_id=person.user_id if device.signed_in else None,
        anonymous_id=device.anonymous_id,
        event=event,
        properties=properties,
        context=_browser(device, path),
    )


def identified(person: Person, device: Device, traits: dict[str, Any]) -> Call:
    """The browser learns who it is."""
    return Call(
        "identify",
        user_id=person.user_id,
        anonymous_id=device.anonymous_id,
        traits=traits,
        context=_browser(device, "/account"),
    )


def joined(person: Person, device: Device, club: str, traits: dict[str, Any]) -> Call:
    """A customer shops for a club, which the browser tells with what is known of the club."""
    return Call(
        "group", user_id=person.user_id, anonymous_id=device.anonymous_id, group_id=club, traits=traits,
        context=_browser(device, "/account"),
    )  # fmt: skip


def on_record(person: Person, event: str, properties: dict[str, Any], channel: str) -> Call:
    """Something that a system of the shop knows of a customer, without any browser."""
    return Call(
        "track", user_id=person.user_id, event=event, properties=properties, context={"channel": channel}
    )


def _browser(device: Device, path: str) -> dict[str, Any]:
    return {
        "userAgent": device.agent,
        "locale": "en-GB",
        "timezone": "Europe/London",
        "page": {"path": path, "url": ADDRESS + path},
    }
