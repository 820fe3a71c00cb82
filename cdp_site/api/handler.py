"""Django for requests that present an API token: they use no session, form or page, and pay for none of it."""

import re
from collections.abc import Callable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.middleware.common import CommonMiddleware
from django.middleware.security import SecurityMiddleware

from cdp_site.web.headers import PrivateAnswers

API = "/api/v1/"
_PROFILES = API + "profiles/"
_PROFILE = re.compile(re.escape(_PROFILES) + "[0-9a-f-]{36}/")

Environ = dict[str, Any]
StartResponse = Callable[..., object]
Application = Callable[[Environ, Any], Any]  # Django's responses are iterable, which its stubs do not say


class TokenHandler(WSGIHandler):
    """Serves the same addresses as Django's own handler, through three of the middlewares only."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 -- Django's
        """Put the chain together."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # not in the stubs
        for middleware in (CommonMiddleware, SecurityMiddleware, PrivateAnswers):
            chain = convert_exception_to_response(middleware(chain))
        self._middleware_chain = chain


class TokensApart:
    """A WSGI application: requests with an API token go one way, all others the whole way."""

    def __init__(self, whole: Application, tokens: Application) -> None:
        self._whole, self._tokens = whole, tokens

    def __call__(self, environ: Environ, start_response: StartResponse) -> Any:
        """Answer one request."""
        if _presents_token(environ) and environ["PATH_INFO"].startswith(API):
            return self._tokens(environ, start_response)
        return self._whole(environ, start_response)


def waits_for_little(environ: Environ) -> bool:
    """Whether the request reads one profile with an API token, which takes nothing but prepared statements."""
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] != "GET" or not _presents_token(environ):
        return False
    if path == _PROFILES:
        return "identifier=" in environ["QUERY_STRING"]
    return _PROFILE.fullmatch(path) is not None


def _presents_token(environ: Environ) -> bool:
    return bool(environ.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer ")
