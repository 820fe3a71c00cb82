"""What is typed into the forms of webhooks."""

from typing import Any

from django.http import HttpRequest

from ingestion.admin.addresses import typed
from ingestion.domain.mappings import FieldProblem, Mapping, MappingInvalid, compile_mapping
from ingestion.domain.webhooks.schemes import ALGORITHMS, ENCODINGS, SCHEMES
from ingestion.domain.webhooks.setting_up import Wanted, WebhookError, parsed_mapping
from ingestion.models import Webhook

MAX_MAPPING = 70_000  # characters; the document is checked against its own limit
_TEXTS = ("header", "prefix", "algorithm", "encoding", "content", "timestamp_header")


def wanted_of(request: HttpRequest) -> Wanted:
    """The webhook as the form describes it; nothing is checked yet."""
    form = request.POST
    settings: dict[str, Any] = {name: typed(form, name) for name in _TEXTS if typed(form, name)}
    if (tolerance := typed(form, "tolerance", limit=6)).isdecimal():
        settings["tolerance"] = int(tolerance)
    return Wanted(
        name=typed(form, "name"),
        scheme=typed(form, "scheme", limit=20),
        mapping=mapping_text(request),
        scheme_settings=settings,
        headers=tuple(typed(form, "headers", limit=1000).replace(",", " ").split()),
    )


def mapping_text(request: HttpRequest) -> str:
    """The document of the mapping as it was typed."""
    return typed(request.POST, "mapping", limit=MAX_MAPPING).replace("\r\n", "\n")


def stored(webhook: Webhook) -> Wanted:
    """The webhook as it is."""
    return Wanted(
        webhook.name, webhook.scheme, webhook.mapping, webhook.scheme_settings, tuple(webhook.headers)
    )


def compiled(text: str) -> tuple[Mapping | None, list[FieldProblem]]:
    """The mapping, or what is wrong with it."""
    try:
        return compile_mapping(parsed_mapping(text)), []
    except WebhookError as error:
        return None, [FieldProblem("", str(error))]
    except MappingInvalid as invalid:
        return None, invalid.problems


def choices(wanted: Wanted) -> dict[str, Any]:
    """What the fields of the form show."""
    return {
        "wanted": wanted,
        "schemes": [(key, scheme.title) for key, scheme in SCHEMES.items()],
        "algorithms": ALGORITHMS,
        "encodings": ENCODINGS,
        "headers_text": ", ".join(wanted.headers),
    }
