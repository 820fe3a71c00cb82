"""The look of the admin (django-unfold). Colours stand in templates/static/headwater/headwater.css."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

ICON = "headwater/icon.svg"


def _static(path: str) -> Any:
    """The address of a static file, which is known once the settings are read."""

    def address(_request: HttpRequest) -> str:
        return static(path)

    return address


UNFOLD = {
    "SITE_TITLE": "Headwater",
    "SITE_HEADER": "Headwater",
    "SITE_URL": None,
    "SITE_ICON": _static(ICON),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static(ICON)}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [_static("headwater/headwater.css")],
    "SCRIPTS": [_static("headwater/headwater.js"), _static("headwater/components.js")],
    "ACCOUNT": {
        "navigation": [
            {"title": "Your account", "link": reverse_lazy("admin:account")},
            {"title": "What you can see and do", "link": reverse_lazy("admin:account_access")},
        ]
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "cdp_site.navigation.navigation",
    },
}
