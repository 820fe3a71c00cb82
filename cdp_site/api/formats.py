"""JSON in and out, by orjson."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


class JsonParser(BaseParser):
    """Reads a JSON object. What stands in a faulty one is not repeated in the error."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The object in the body."""
        del media_type, parser_context
        try:
            document = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from None
        if not isinstance(document, dict):
            raise ParseError("The body must be a JSON object.")
        return document


class JsonRenderer(BaseRenderer):
    """Writes JSON in UTF-8, times in UTC with a Z."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body; an answer without data has none."""
        del accepted_media_type, renderer_context
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class JsonNegotiation(DefaultContentNegotiation):
    """There is one format, so every Accept header gets it."""

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """The first renderer of the view."""
        del request, format_suffix
        return renderers[0], renderers[0].media_type
