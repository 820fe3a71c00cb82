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

from streaming.domain.kept_answers import Answer, KeyUsedOtherwise, claim, keep

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
        caller = f"token:{request.auth.pk}" if request.auth else f"user:{request.user.pk}"
        with transaction.atomic():
            try:
                known = claim(caller, key, _content(request), now=timezone.now())
            except KeyUsedOtherwise as error:
                raise KeyConflict(str(error)) from error
            if known is not None:
                return Response(known.body, status=known.status, headers={REPEATED: "true"})
            response = method(view, request, *args, **kwargs)
            keep(caller, key, Answer(response.status_code, _as_sent(response)))
        return response

    return answered  # type: ignore[return-value]  # the same signature


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
