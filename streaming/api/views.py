"""What every view of the REST API keeps to, whatever app it is of."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

MAX_PAGE_SIZE = 500
PAGE_SIZE = 50
ANYBODY = ""
"""Instead of an operation: whoever is let in may ask, about themselves."""


class NoVersions(APIException):
    """The caller wants a change made to one version only, and nothing here has versions."""

    status_code = 412
    default_detail = "Nothing was changed: answers of this API have no ETag, so that If-Match holds for none of them. Leave it out."


class RestView(APIView):
    """A view that says what it needs, and refuses what it does not know.

    `operation` is the scope that a caller needs (the permission class of the settings checks it), or ANYBODY, and
    `query_parameters` are the parameters that the address may have. `costs` names a limit that its requests count
    for beside that of all requests. Answers are never stored by caches.
    """

    operation: ClassVar[str]
    query_parameters: ClassVar[frozenset[str]] = frozenset()
    costs: ClassVar[str] = ""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """The headers of every answer."""
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def check_permissions(self, request: Request) -> None:
        """Count the request before it is decided: what is refused leaves a row in the audit trail too."""
        self.check_throttles(request)
        super().check_permissions(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks and whether they may, then the address."""
        super().initial(request, *args, **kwargs)
        if "HTTP_X_HTTP_METHOD_OVERRIDE" in request.META:
            raise ParseError("X-HTTP-Method-Override is not supported; send the method itself.")
        if request.META.get("HTTP_IF_MATCH", "*").strip() != "*":
            raise NoVersions
        self._check_parameters(request)

    def _check_parameters(self, request: Request) -> None:
        given: Mapping[str, Any] = request.query_params
        unknown = set(given) - self.query_parameters
        if unknown:
            known = ", ".join(sorted(self.query_parameters)) or "none"
            # Its name is not repeated: a caller's mistake may have put a person's data there.
            raise ValidationError(
                {"query": [f"The address has a parameter that is not known here; known: {known}."]}
            )
        if repeated := [name for name in given if len(request.query_params.getlist(name)) > 1]:
            raise ValidationError({name: ["Give it once."] for name in repeated})


def page_size(request: Request) -> int:
    """The `page_size` of the address. Raises ValidationError."""
    return whole_number(request, "page_size", most=MAX_PAGE_SIZE) or PAGE_SIZE


def whole_number(request: Request, name: str, *, most: int) -> int | None:
    """A number of the address from 1 to `most`, or None without it. Raises ValidationError."""
    text = request.query_params.get(name)
    if text is None:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else 0
    if not 1 <= number <= most:
        raise ValidationError({name: [f"It must be a whole number from 1 to {most}."]})
    return number


def page_document(
    request: Request, results: list[dict[str, Any]], *, after: str | None, before: str | None
) -> dict[str, Any]:
    """A page as every list answers it: with the addresses of the next and the previous one."""
    return {
        "results": results,
        "next": _address(request, after),
        "previous": _address(request, before),
    }


def _address(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    parameters = request.query_params.copy()
    parameters["cursor"] = cursor
    return f"{request.build_absolute_uri(request.path)}?{parameters.urlencode()}"
