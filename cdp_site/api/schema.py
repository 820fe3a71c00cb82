"""What drf-spectacular cannot see for itself: how tokens are sent, and the errors that every operation has."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from streaming.api.idempotency import HEADER

_PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "One for each field at fault.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_EVERYWHERE = {
    "400": "The request is not valid.",
    "401": "No valid token or session.",
    "403": "The token lacks the scope.",
    "429": "Too many requests; ask again after Retry-After.",
    "503": "The database cannot answer now; ask again after Retry-After.",
}
_WITH_KEY = {
    "409": "Somebody was faster, or it is so already: nothing was changed.",
    "422": "The Idempotency-Key came with another request before.",
}
_WITH_ID = {"404": "Nobody has this id.", "410": "The person behind this id was erased."}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library has no types
    """API tokens."""

    target_class = "compliance.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The scheme."""
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "Settings, Tokens makes them."}


def add_problems(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Give every operation the errors that it may answer."""
    result["components"]["schemas"]["Problem"] = _PROBLEM
    for path, operations in result["paths"].items():
        for operation in operations.values():
            has_key = any(each["name"] == HEADER for each in operation.get("parameters", ()))
            problems = {
                **_EVERYWHERE,
                **(_WITH_ID if "{" in path else {}),
                **(_WITH_KEY if has_key else {}),
            }
            for status, description in problems.items():
                operation["responses"].setdefault(status, _answer(description))
    return result


def _answer(description: str) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": reference}}}
