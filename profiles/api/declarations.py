"""What people declare through programs: consents, one or many at once, objections and restrictions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, ChoiceField, DateTimeField, JSONField

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.domain.declarable import (
    MOST_PROOF,
    MOST_REASON,
    MOST_VERSION,
    Declared,
    UnusableDeclaration,
)
from profiles.domain.declaring import MOST, Outcome, declare_all
from profiles.domain.namespaces import UnreadableIdentifier
from profiles.enums import DeclarationKind
from streaming.api.bodies import is_storable, text_of
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import shape
from streaming.api.views import RestView

MOST_IDENTIFIER, MOST_PURPOSE = 600, 40
_UNKNOWN = (
    "Nobody has this identifier, and nothing was kept: by an identifier of this kind or value nobody becomes known, or the "
    "token sees some sources only. Use one of a person, or a token that sees all sources."
)
_SUPPRESSED = (
    "This identifier is suppressed, and nothing was kept: nothing more may be stored of whoever has it. Lift the "
    "suppression first (suppressions/), if they ask for it."
)

_IDENTIFIER = CharField(max_length=MOST_IDENTIFIER, help_text="namespace:value, as in user_id:42")
_SAID_AT = DateTimeField(required=False, help_text="when the person said it; now, when it is left out")
_PROOF = JSONField(
    required=False,
    help_text=f"a text or a document, of at most {MOST_PROOF} characters; shown as unclassified data",
)
_REASON = CharField(required=False, max_length=MOST_REASON)
GIVE = shape(
    "Consent",
    "A consent to a purpose, or its withdrawal.",
    identifier=_IDENTIFIER,
    purpose=CharField(max_length=MOST_PURPOSE),
    granted=BooleanField(help_text="false: it is refused or withdrawn"),
    said_at=_SAID_AT,
    text_version=CharField(required=False, max_length=MOST_VERSION, help_text="of the text that was shown"),
    proof=_PROOF,
    reason=_REASON,
)
GIVE_MANY = shape(
    "Consents", f"Up to {MOST} of them, of which all are kept or none.", consents=GIVE(many=True)
)
GIVEN = shape(
    "ConsentKept",
    "What became of it.",
    recorded=BooleanField(help_text="whether it was kept"),
    state=ChoiceField(
        choices=[each.value for each in Outcome],
        help_text="counts: it holds from now on; on_its_way: nobody had the identifier, so it goes through the log and holds "
        "with the person whom it makes known; suppressed or unknown: nothing was kept",
    ),
)
GIVEN_MANY = shape(
    "ConsentsKept",
    "What became of each, in the order sent.",
    results=GIVEN(many=True),
)
OBJECT = shape(
    "Objection",
    "An objection to a purpose (GDPR Art. 21), or that it is lifted.",
    identifier=_IDENTIFIER,
    purpose=CharField(
        required=False, max_length=MOST_PURPOSE, help_text="left out: to all that can be objected to"
    ),
    holds=BooleanField(help_text="false: it is lifted"),
    said_at=_SAID_AT,
    proof=_PROOF,
    reason=_REASON,
)
RESTRICT = shape(
    "Restriction",
    "That the data of a person are stored and not used (GDPR Art. 18), or that this is lifted.",
    identifier=_IDENTIFIER,
    holds=BooleanField(help_text="false: it is lifted"),
    said_at=_SAID_AT,
    proof=_PROOF,
    reason=_REASON,
)
_ONE_OR_MANY = PolymorphicProxySerializer("ConsentOrConsents", [GIVE, GIVE_MANY], None)
_NUL_IN_JSON = "\\u0000"  # as a document that has one is written
_COMMON = frozenset({"identifier", "said_at", "proof", "reason"})


class Suppressed(APIException):
    """Nothing may be stored of whoever has the identifier."""

    status_code = 409
    default_code = "suppressed"


class GiveView(RestView):
    """Consents."""

    operation = Operation.CONSENTS_MANAGE

    @extend_schema(
        operation_id="consents_record",
        request=_ONE_OR_MANY,
        responses={201: PolymorphicProxySerializer("KeptOrAllKept", [GIVEN, GIVEN_MANY], None), 202: GIVEN},
        parameters=[KEY_PARAMETER],
    )
    @once
    def post(self, request: Request) -> Response:
        """Keep consents that people gave, refused or withdrew. They count from the answer on, or with whom they make known."""
        match request.data:
            case {"consents": list(given), **others} if not others:
                if not 1 <= len(given) <= MOST:
                    raise ValidationError({"consents": [f"Send 1 to {MOST} of them."]})
                kept = _keep(request, [_consent(each) for each in given])
                return Response({"results": [_told(each) for each in kept]}, status=201)
        return _one(request, _consent(request.data))


class ObjectView(RestView):
    """Objections."""

    operation = Operation.CONSENTS_MANAGE

    @extend_schema(
        operation_id="objections_record",
        request=OBJECT,
        responses={201: GIVEN, 202: GIVEN},
        parameters=[KEY_PARAMETER],
    )
    @once
    def post(self, request: Request) -> Response:
        """Keep that a person objects, or that the objection is lifted. It counts from the answer on."""
        given = _fields(request.data, _COMMON | {"purpose", "holds"})
        purpose = text_of(given, "purpose", most=MOST_PURPOSE)
        return _one(request, _declared(given, DeclarationKind.OBJECTION, purpose, "holds"))


class RestrictView(RestView):
    """Restrictions."""

    operation = Operation.CONSENTS_MANAGE

    @extend_schema(
        operation_id="restrictions_record",
        request=RESTRICT,
        responses={201: GIVEN, 202: GIVEN},
        parameters=[KEY_PARAMETER],
    )
    @once
    def post(self, request: Request) -> Response:
        """Have the data of a person be stored and not used, or be used again. It counts from the answer on."""
        given = _fields(request.data, _COMMON | {"holds"})
        return _one(request, _declared(given, DeclarationKind.RESTRICTION, "", "holds"))


def _one(request: Request, declared: tuple[str, Declared]) -> Response:
    (outcome,) = _keep(request, [declared])
    if outcome is Outcome.SUPPRESSED:
        raise Suppressed(_SUPPRESSED)
    if outcome is Outcome.UNKNOWN:
        raise NotFound(_UNKNOWN)
    return Response(_told(outcome), status=202 if outcome is Outcome.ON_ITS_WAY else 201)


def _told(outcome: Outcome) -> dict[str, Any]:
    return {"recorded": outcome.is_kept, "state": outcome.value}


def _keep(request: Request, declared: list[tuple[str, Declared]]) -> list[Outcome]:
    try:
        return declare_all(actor_of(request), declared, now=timezone.now())
    except (UnusableDeclaration, UnreadableIdentifier) as error:
        raise ValidationError({"consent": [str(error)]}) from error


def _consent(data: Any) -> tuple[str, Declared]:
    given = _fields(data, _COMMON | {"purpose", "granted", "text_version"})
    purpose = text_of(given, "purpose", most=MOST_PURPOSE)
    return _declared(given, DeclarationKind.CONSENT, purpose, "granted")


def _fields(data: Any, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(data, dict) or not set(data) <= known:
        raise ValidationError({"body": [f"Send an object of {', '.join(sorted(known))} and nothing else."]})
    return data


def _declared(
    given: Mapping[str, Any], kind: DeclarationKind, purpose: str, says: str
) -> tuple[str, Declared]:
    holds = given.get(says)
    if not isinstance(holds, bool):
        raise ValidationError({says: ["Send true or false."]})
    identifier = text_of(given, "identifier", most=MOST_IDENTIFIER)
    if not identifier:
        raise ValidationError({"identifier": ["Send it as namespace:value, as in user_id:42."]})
    return identifier, Declared(
        kind,
        purpose,
        holds,
        said_at=_time(given.get("said_at")),
        text_version=text_of(given, "text_version", most=MOST_VERSION),
        reason=text_of(given, "reason", most=MOST_REASON),
        proof=_proof(given.get("proof")),
    )


def _time(value: Any) -> datetime:
    if value is None:
        return timezone.now()
    try:
        time = parse_datetime(value) if isinstance(value, str) else None
        is_whole = time is not None and time.utcoffset() is not None and time.timestamp() > 0
    except (ValueError, OverflowError):
        is_whole = False
    if time is None or not is_whole:
        raise ValidationError({"said_at": ["It must be a time with its zone, as in 2026-03-01T12:00:00Z."]})
    return time


def _proof(value: Any) -> str:
    """As it is kept: a text as it is, anything else as JSON."""
    if value is None:
        return ""
    try:
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, UnicodeError):
        text = "\0"
    if len(text) > MOST_PROOF or not is_storable(text) or _NUL_IN_JSON in text:
        raise ValidationError(
            {"proof": [f"It must be a text or a document of at most {MOST_PROOF} characters."]}
        )
    return text
