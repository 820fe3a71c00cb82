"""Errors as problem documents (RFC 9457). None of them repeats what a caller sent: it may be a person's data."""

import logging
import math
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SynchronousOnlyOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    Throttled,
    ValidationError,
)
from rest_framework.response import Response

from compliance.addresses import address_of
from compliance.rates.limits import limit, network_of
from profiles.domain.decisions import AlreadyDecided, Busy, Undecidable, UnknownLink, UnknownReview
from profiles.domain.handovers import UnknownHandover
from profiles.domain.namespaces import UnreadableIdentifier
from profiles.domain.queries import Gone, InvalidCursor, TooBroad, UnknownPerson
from profiles.domain.queries.household_rows import UnknownHousehold
from profiles.domain.rules.applying import RulesBusy
from profiles.domain.suppressing import NothingToSuppress
from streaming.contracts.log import LogUnavailable
from streaming.prepared import Elsewhere

MEDIA_TYPE = "application/problem+json"
INVALID, TOO_OFTEN = "urn:headwater:invalid", "urn:headwater:too-often"
RETRY_SECONDS = 2
_log = logging.getLogger("headwater.api")

_STATUS: Mapping[type[Exception], HTTPStatus] = {
    InvalidCursor: HTTPStatus.BAD_REQUEST,
    UnreadableIdentifier: HTTPStatus.BAD_REQUEST,
    TooBroad: HTTPStatus.BAD_REQUEST,
    UnknownPerson: HTTPStatus.NOT_FOUND,
    UnknownHousehold: HTTPStatus.NOT_FOUND,
    UnknownLink: HTTPStatus.NOT_FOUND,
    UnknownReview: HTTPStatus.NOT_FOUND,
    UnknownHandover: HTTPStatus.NOT_FOUND,
    Gone: HTTPStatus.GONE,
    AlreadyDecided: HTTPStatus.CONFLICT,
    Busy: HTTPStatus.CONFLICT,
    NothingToSuppress: HTTPStatus.CONFLICT,
    RulesBusy: HTTPStatus.CONFLICT,
    Undecidable: HTTPStatus.BAD_REQUEST,
    PermissionDenied: HTTPStatus.FORBIDDEN,
    RequestDataTooBig: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to any exception of a view. Raises Elsewhere for what is to be begun again on a thread."""
    if isinstance(error, SynchronousOnlyOperation):
        raise Elsewhere from error
    if isinstance(error, NotAuthenticated | AuthenticationFailed):
        error = _refuse(error, context)
    if isinstance(error, APIException):
        return _of_framework(error)
    if isinstance(error, Http404):
        return problem(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
    if isinstance(error, OperationalError | InterfaceError):
        return _later("The database cannot answer now; ask again shortly.")
    if isinstance(error, LogUnavailable):
        return _later("The event log cannot be reached now; ask again shortly.")
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return problem(status, str(error))
    return _unforeseen(error)


def problem(
    status: int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    kind: str = "about:blank",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document; `errors` are one for each field at fault."""
    document: dict[str, Any] = {
        "type": INVALID if errors else kind,
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }
    if errors:
        document["errors"] = errors
    return Response(document, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def _refuse(error: APIException, context: Mapping[str, Any]) -> APIException:
    """The error, or that of asking too often without being let in."""
    address = address_of(context["request"]._request)  # noqa: SLF001 -- Django's request behind DRF's
    wait = limit("refusals").take(network_of(address))
    return Throttled(wait) if wait else error


def _of_framework(error: APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, Throttled):
        headers["Retry-After"] = str(math.ceil(getattr(error, "wait", None) or 1))
        return problem(
            error.status_code,
            "Too many requests; ask again after Retry-After.",
            kind=TOO_OFTEN,
            headers=headers,
        )
    if isinstance(error, ValidationError):
        errors = _fields(error.detail)
        return problem(error.status_code, "The request is not valid.", errors=errors, headers=headers)
    return problem(error.status_code, str(error.detail), headers=headers)


def _fields(detail: Any, name: str = "") -> list[dict[str, str]]:
    if isinstance(detail, Mapping):
        return [each for key, inner in detail.items() for each in _fields(inner, f"{name}.{key}".strip("."))]
    if isinstance(detail, list):
        return [each for inner in detail for each in _fields(inner, name)]
    return [{"field": name, "message": str(detail)}]


def _later(detail: str) -> Response:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)


def _unforeseen(error: Exception) -> Response:
    """The frames go to the log without the message of the exception, which may quote data."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("the API failed with %s\n%s", type(error).__qualname__, frames)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "This is a fault of ours; the server's log has the details."
    )
