"""Requests that change something can be sent again: with an Idempotency-Key they have their effect once."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import orjson
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from streaming.domain.kept_answers import Answer, KeyUsedOtherwise, answer_to, claim, keep, release
from streaming.session_locks import REPEATED_REQUESTS, alone

HEADER = "Idempotency-Key"
REPEATED = "Idempotency-Replayed"
MAX_KEY = 200
KEY_PARAMETER = OpenApiParameter(
    HEADER,
    location=OpenApiParameter.HEADER,
    description="A text of your own, at most 200 characters: a request sent again with it within 24 hours changes "
    f"nothing and is answered as the first one was, with `{REPEATED}: true`.",
)

ViewMethod = TypeVar("ViewMethod", bound=Callable[..., Response])


class KeyConflict(APIException):
    """The key was used for another request."""

    status_code = 422


def once(method: ViewMethod) -> ViewMethod:
    """The method of a view, so that a request with an Idempotency-Key has its effect once.

    All it does happens in one transaction with the answer that is kept: when it fails, neither does, and the same
    key may be tried again. It must not record reads, which commit by themselves.
    """

    @wraps(method)
    def answered(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key(request)
        if key is None:
            return method(view, request, *args, **kwargs)
        with transaction.atomic():
            if (known := _asked(claim, request, key)) is not None:
                return known
            response = method(view, request, *args, **kwargs)
            keep(_caller(request), key, Answer(response.status_code, _as_sent(response)))
        return response

    return answered  # type: ignore[return-value]  # the same signature


def once_by_parts(method: ViewMethod) -> ViewMethod:
    """As `once`, for what takes several transactions, each of which has its effect once however often it is asked for.

    When it dies between two of them, the same key goes on with what is left, and is answered with that.
    """

    @wraps(method)
    def answered(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key(request)
        if key is None:
            return method(view, request, *args, **kwargs)
        with alone(REPEATED_REQUESTS, f"{_caller(request)} {key}"):
            if (known := _asked(claim, request, key)) is not None:
                return known
            try:
                response = method(view, request, *args, **kwargs)
            except Exception:
                release(_caller(request), key)
                raise
            keep(_caller(request), key, Answer(response.status_code, _as_sent(response)))
        return response

    return answered  # type: ignore[return-value]  # the same signature


def answered_before(request: Request) -> Response | None:
    """What the same request was answered, if it carries a key and had an answer.

    For a view that asks another system first, outside a transaction, and has `once` around what it keeps.
    """
    key = _key(request)
    return None if key is None else _asked(answer_to, request, key)


def _asked(kept: Callable[..., Answer | None], request: Request, key: str) -> Response | None:
    try:
        known = kept(_caller(request), key, _content(request), now=timezone.now())
    except KeyUsedOtherwise as error:
        raise KeyConflict(str(error)) from error
    return known and Response(known.body, status=known.status, headers={REPEATED: "true"})


def _caller(request: Request) -> str:
    return f"token:{request.auth.pk}" if request.auth else f"user:{request.user.pk}"


def _key(request: Request) -> str | None:
    key: str | None = request.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise ValidationError({HEADER: [f"It must be 1 to {MAX_KEY} printable ASCII characters."]})
    return key


def _as_sent(response: Response) -> Any:
    """The body as its JSON says it, so that times and ids are written the same way again."""
    return orjson.loads(JSONRenderer().render(response.data))


def _content(request: Request) -> bytes:
    """What is asked, and what the caller may do and see now, in one form: an answer is for who may have it still."""
    account: Any = request.auth or request.user
    may = [
        account.operations, account.forms, account.sources,
        account.purpose if request.auth else account.purposes,
    ]  # fmt: skip
    return orjson.dumps(
        [request.method, request.path, request.data, may], default=sorted, option=orjson.OPT_SORT_KEYS
    )
