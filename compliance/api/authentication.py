"""`Authorization: Bearer hw_…`: who calls the REST API."""

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from compliance.domain.tokens import authenticate
from compliance.models import ApiToken


class TokenUser(AnonymousUser):
    """The user of a request that a program makes: authenticated, and nobody of the staff."""

    def __init__(self, token: ApiToken) -> None:
        super().__init__()
        self.token = token

    def get_username(self) -> str:
        """The name of the token."""
        return self.token.name

    @property
    def is_authenticated(self) -> bool:  # type: ignore[override]  # false for whoever presents nothing
        """A token was presented and is valid."""
        return True

    @property
    def is_anonymous(self) -> bool:  # type: ignore[override]  # as above
        """Nobody without a token."""
        return False


class BearerAuthentication(BaseAuthentication):
    """Finds the API token in the header; `request.auth` is the token. 401 with a challenge otherwise."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[TokenUser, ApiToken] | None:
        """The caller, or None when the header is absent or of another scheme."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword.lower().encode():
            return None
        token = None
        if len(parts) == 2:  # noqa: PLR2004 -- the scheme and the secret
            token = authenticate(parts[1].decode("latin-1"), now=timezone.now())
        if token is None:
            raise AuthenticationFailed(
                "this API token is unknown, expired or revoked: create one under Settings, Tokens, and send it "
                "as 'Authorization: Bearer hw_…'"
            )
        return TokenUser(token), token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        del request
        return f'{self.keyword} realm="Headwater"'
