"""How a request says who asks. Secrets go into headers or the query at the last moment, and nowhere else."""

import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx

from ingestion.sources.contract import Settings, SourceRefused
from ingestion.sources.rest.settings import Api, address

EARLY_S = 30.0  # a token is renewed so long before its end
_USUAL_S = 300.0
Fetch = Callable[[httpx.Request], Any]


class Authentication:
    """The login of one connection, for the time of one reading."""

    def __init__(self, settings: Settings, api: Api, fetch: Fetch) -> None:
        self._settings, self._api, self._fetch = settings, api, fetch
        self._how = settings.get("auth") or "none"
        self._token, self._ends = "", 0.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be repeated to anybody."""
        settings = self._settings
        pairs = (("user", "password"), ("client_id", "client_secret"))
        basic = [
            _encoded(settings.get(who, ""), settings[secret]) for who, secret in pairs if settings.get(secret)
        ]
        return (*self._api.secrets, *basic, self._token)

    @property
    def is_renewable(self) -> bool:
        """Whether a refusal may mean no more than that the token is over."""
        return self._how == "oauth"

    def forget(self) -> None:
        """Have the next request fetch a token."""
        self._token = ""

    def headers(self) -> dict[str, str]:
        """The headers that say who asks. Raises SourceError when a token cannot be had."""
        settings = self._settings
        if self._how == "header":
            return {settings.get("key_name") or "X-API-Key": _sendable(settings.get("api_key", ""))}
        if self._how == "basic":
            return {"Authorization": _basic(settings.get("user", ""), settings.get("password", ""))}
        if self._how == "bearer":
            return {"Authorization": f"Bearer {_sendable(settings.get('token', ''))}"}
        return {"Authorization": f"Bearer {self._current()}"} if self._how == "oauth" else {}

    def query(self) -> dict[str, str]:
        """The parameters of the query that do."""
        return {self._api.hidden: self._settings.get("api_key", "")} if self._api.hidden else {}

    def _current(self) -> str:
        if not self._token or time.monotonic() >= self._ends:
            answer = self._fetch(self._request())
            token = answer.get("access_token") if isinstance(answer, dict) else None
            if not isinstance(token, str) or not token:
                raise SourceRefused(
                    "The address for tokens answered without a token: check it, and the scope."
                )
            self._token = _sendable(token)
            self._ends = time.monotonic() + max(_seconds(answer.get("expires_in")) - EARLY_S, 1.0)
        return self._token

    def _request(self) -> httpx.Request:
        settings, form, headers = (
            self._settings,
            {"grant_type": "client_credentials"},
            {"Accept": "application/json"},
        )
        if settings.get("scope"):
            form["scope"] = settings["scope"]
        who, secret = settings.get("client_id", ""), settings.get("client_secret", "")
        if settings.get("client_place") == "body":
            form |= {"client_id": who, "client_secret": secret}
        else:
            headers["Authorization"] = _basic(who, secret)
        return httpx.Request(
            "POST",
            address(settings.get("token_url", ""), "The address that gives tokens"),
            data=form,
            headers=headers,
        )


def _seconds(said: Any) -> float:
    """How long a token lasts by the answer that brought it; a usual while when that is no whole number."""
    text = str(said) if isinstance(said, int | str) else ""
    return float(text) if text.isascii() and text.isdecimal() else _USUAL_S


def _basic(user: str, password: str) -> str:
    return f"Basic {_encoded(user, password)}"


def _encoded(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode()


def _sendable(secret: str) -> str:
    if not secret.isascii() or not secret.isprintable():
        raise SourceRefused("The key or token holds characters that no header can carry: copy it again.")
    return secret.strip()
