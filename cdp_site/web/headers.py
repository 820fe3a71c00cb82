"""Headers that every answer of Django has, whatever it is an answer to."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

API = "/api/v1/"
# What a page could ask of a browser that no screen needs.
_PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
_EVERYWHERE = {
    "Cache-Control": "no-store",  # neither a proxy nor the browser of a shared desk keeps a person's data
    "Permissions-Policy": _PERMISSIONS,
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
}
_DATA_ONLY = "default-src 'none'; frame-ancestors 'none'"  # for an answer that is opened as a page


class PrivateAnswers:
    """Adds what is missing: an answer that says otherwise, such as a file of ours that may be kept, stays as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with them."""
        response: HttpResponseBase = self._get_response(request)
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if request.path.startswith(API):
            response.headers.setdefault("Content-Security-Policy", _DATA_ONLY)
        return response
