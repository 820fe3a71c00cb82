"""The navigation: registered screens by the job they serve, of which each viewer sees what their role allows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from cdp_site.screens import operation_of
from compliance.access import Actor, actor_of, allows
from compliance.enums import Operation
from streaming.screens import Screen, registered_screens

SECTIONS = (
    "People", "Segments", "Activation", "Reports", "Data in", "Pipeline", "Privacy", "Settings",
)  # fmt: skip


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's description of the sidebar for this viewer."""
    actor = actor_of(request)
    groups: list[dict[str, Any]] = []
    if allows(actor, Operation.HOME_VIEW):
        groups.append({"items": [{"title": "Home", "icon": "home", "link": reverse("admin:index")}]})
    for section in SECTIONS:
        items = _only_nearest([_item(screen, request) for screen in _shown(section, actor)])
        if items:
            groups.append({"title": section, "items": items})
    return groups


def first_page(actor: Actor) -> str:
    """Where somebody begins who may not see Home: at the first page that takes a permission and is theirs.

    Whoever has no such permission begins at their account.
    """
    theirs = (
        each for section in SECTIONS for each in _shown(section, actor) if operation_of(each) is not None
    )
    return reverse(f"admin:{next((each.name for each in theirs), 'account')}")


def _shown(section: str, actor: Actor) -> list[Screen]:
    return [each for each in registered_screens() if each.section == section and _may_open(actor, each)]


def _may_open(actor: Actor, screen: Screen) -> bool:
    operation = operation_of(screen)
    return operation is None or allows(actor, operation)


def _only_nearest(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # A screen below another one (audit/, audit/alerts/) is not both of them.
    nearest = max((item["link"] for item in items if item["active"]), key=len, default="")
    return [{**item, "active": item["link"] == nearest} for item in items]


def _item(screen: Screen, request: HttpRequest) -> dict[str, Any]:
    address = reverse(f"admin:{screen.name}")
    badge = screen.badge(request) if screen.badge else ""
    return {
        **({"badge": badge} if badge else {}),
        "title": screen.title,
        "icon": screen.icon,
        "link": address,
        "active": request.path.startswith(address),
    }
