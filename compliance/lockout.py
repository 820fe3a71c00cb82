"""Lock-out in Django's sign-in, by django-axes: before any directory or password is asked, and as a page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.signals import user_locked_out
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from compliance.actors import NOBODY
from compliance.addresses import address_of
from compliance.audit import record_change
from compliance.domain import lockout

Credentials = Mapping[str, Any]


class LockoutBackend(AxesStandaloneBackend):
    """The first of the backends: who has to wait gets no further. The command line has nobody to lock out."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """None lets the next backend answer. Raises PermissionDenied for who has to wait."""
        if request is not None:
            super().authenticate(request, **credentials)


class LockoutHandler(AbstractAxesHandler, AxesBaseHandler):
    """Counts in the table of axes, without what was typed, sent, or said of the browser."""

    def is_locked(self, request: HttpRequest, credentials: Credentials | None = None) -> bool:
        """Whether this name may not be tried from there now."""
        until = _until(request, credentials or {})
        request.__dict__["_locked_until"] = until
        return until is not None

    def get_failures(self, request: HttpRequest, credentials: Credentials | None = None) -> int:
        """What axes asks where it does not ask `is_locked`."""
        return int(self.is_locked(request, credentials))

    def user_login_failed(
        self, sender: Any, credentials: Credentials, request: HttpRequest | None = None, **_rest: Any
    ) -> None:
        """Count it, and lock when it is one too many. What is tried while locked does not make it longer."""
        del sender
        if request is None or request.axes_locked_out:  # type: ignore[attr-defined]  # axes' own
            return
        name, address = _name(credentials), address_of(request)
        lockout.count_failure(username=name, address=address, now=timezone.now())
        if self.is_locked(request, credentials):
            request.axes_locked_out = True  # type: ignore[attr-defined]  # read by axes' middleware
            record_change(
                NOBODY.at(address), action="sign_in.locked", target="user", subjects=[f"user:{name}"]
            )
            user_locked_out.send("axes", request=request, username=lockout.shown_as(name), ip_address=address)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **_rest: Any) -> None:
        """What was wrong there before counts no more, and strangers elsewhere keep nobody out of there."""
        del sender
        lockout.signed_in(username=user.get_username(), address=address_of(request), now=timezone.now())

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **_rest: Any) -> None:
        """Changes nothing."""

    def post_save_access_attempt(self, instance: Any, **_rest: Any) -> None:
        """Changes nothing."""

    def post_delete_access_attempt(self, instance: Any, **_rest: Any) -> None:
        """Changes nothing."""


def locked_page(request: HttpRequest, *_rest: Any) -> HttpResponse:
    """What whoever has to wait sees: the same for names of nobody."""
    until: datetime | None = request.__dict__.get("_locked_until")
    wait = max(1, round((until - timezone.now()).total_seconds())) if until else 60
    context = {"until": until, "minutes": -(-wait // 60)}
    answer = render(request, "compliance/locked.html", context, status=429)
    answer["Retry-After"] = str(wait)
    answer["Cache-Control"] = "no-store"
    return answer


def _until(request: HttpRequest, credentials: Credentials) -> datetime | None:
    return lockout.locked_until(username=_name(credentials), address=address_of(request), now=timezone.now())


def _name(credentials: Credentials) -> str:
    return str(credentials.get("username") or "")
