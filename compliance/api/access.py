"""What somebody may see and do, and why: whoever asks, or for those who may know it somebody else."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    IntegerField,
    ListField,
)

from compliance.access import actor_of
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.explaining import (
    Explained,
    UnknownAccount,
    explain_caller,
    explain_token_numbered,
    explain_user_named,
)
from compliance.enums import Category, Operation
from compliance.forms import Form
from streaming.api.schemas import shape
from streaming.api.views import ANYBODY, RestView, whole_number
from streaming.row_ids import MOST_ID

LONGEST_NAME = 150
_USER, _TOKEN = "user", "token"


def _names(told: str) -> ListField:
    return ListField(child=CharField(), help_text=told)


GRANTED = shape(
    "AccessOperation",
    "Something that can be allowed.",
    operation=ChoiceField(choices=[each.value for each in Operation]),
    allowed=BooleanField(),
    given_by=_names("the roles that allow it; of a token `its scopes`"),
    would_be_given_by=_names("of staff: the roles that allow it, theirs and others"),
)
SHOWN = shape(
    "AccessCategory",
    "A kind of personal data.",
    category=ChoiceField(choices=[each.value for each in Category]),
    form=ChoiceField(choices=[each.value for each in Form]),
    decided_by=_names("the roles that show it so; of several roles the most open form holds"),
)
PURPOSE = shape(
    "AccessPurpose", "A purpose that data may be used for.", purpose=CharField(), given_by=_names("the roles")
)
SOURCE = shape(
    "AccessSource",
    "A source whose data are seen.",
    id=IntegerField(),
    name=CharField(help_text="empty when it is closed to who asks"),
    given_by=_names("the roles"),
)
ROLE = shape(
    "AccessRole",
    "A role of theirs.",
    role=CharField(),
    directory_groups=_names("groups of the directory that give it; none when it is given here"),
)
ACCESS = shape(
    "Access",
    "What one member of staff or token may see and do, and why.",
    kind=ChoiceField(choices=[_USER, _TOKEN]),
    name=CharField(),
    active=BooleanField(help_text="whether any of it can be used now"),
    operations=GRANTED(many=True, help_text="all of them"),
    categories=SHOWN(many=True, help_text="all of them"),
    purposes=PURPOSE(many=True, help_text="what data may be used for; empty: bound to no purpose"),
    sources=SOURCE(many=True, allow_null=True, help_text="whose data are seen; null: of all of them"),
    roles=ROLE(many=True, help_text="of staff"),
    second_person=ListField(
        child=ChoiceField(choices=[each.value for each in ApprovalKind]),
        help_text="what takes a second person",
    ),
    second_factor=BooleanField(allow_null=True, help_text="whether sign-in takes one; null of a token"),
    sessions=IntegerField(allow_null=True, help_text="how many are open; null of a token"),
    last_seen=DateTimeField(allow_null=True, help_text="the last sign-in, or about when the token was used"),
)
_PARAMETERS = [
    OpenApiParameter(
        _USER, {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}, description="the name of a member of staff"
    ),
    OpenApiParameter(
        _TOKEN, {"type": "integer", "minimum": 1, "maximum": MOST_ID}, description="the number of a token"
    ),
]  # fmt: skip


class AccessView(RestView):
    """What somebody may see and do."""

    operation = ANYBODY
    query_parameters = frozenset({_USER, _TOKEN})

    @extend_schema(operation_id="access_read", parameters=_PARAMETERS, responses=ACCESS)
    def get(self, request: Request) -> Response:
        """Say what whoever asks may see and do, and what gives it.

        Of a member of staff (`user`) or of a token (`token`) whoever manages users or reads the audit trail is told, of
        tokens whoever makes them too. That is in the audit trail.
        """
        return Response(_document(_explained(request)))


def _explained(request: Request) -> Explained:
    actor, now = actor_of(request), timezone.now()
    name, token = request.query_params.get(_USER), whole_number(request, _TOKEN, most=MOST_ID)
    if name is not None and token is not None:
        raise ValidationError({_TOKEN: ["Ask of a user or of a token, not of both."]})
    if name is not None and (not 1 <= len(name) <= LONGEST_NAME or "\0" in name):
        raise ValidationError({_USER: [f"It must be 1 to {LONGEST_NAME} characters, none of them a NUL."]})
    try:
        if name is not None:
            return explain_user_named(actor, name, now=now)
        return (
            explain_caller(actor, now=now) if token is None else explain_token_numbered(actor, token, now=now)
        )
    except UnknownAccount as error:
        raise ValidationError({_USER if token is None else _TOKEN: [f"{error}."]}) from error


def _document(found: Explained) -> dict[str, Any]:
    return {
        "kind": _TOKEN if found.is_token else _USER,
        "name": found.name,
        "active": found.is_active,
        "operations": [
            {
                "operation": each.operation,
                "allowed": bool(each.given_by),
                "given_by": each.given_by,
                "would_be_given_by": each.would_give,
            }
            for each in found.operations
        ],
        "categories": [
            {"category": each.category, "form": each.form, "decided_by": each.decided_by}
            for each in found.forms
        ],
        "purposes": [{"purpose": key, "given_by": by} for key, by in found.purposes.items()],
        "sources": found.sources
        and [{"id": each.source, "name": each.name, "given_by": each.given_by} for each in found.sources],
        "roles": [{"role": each.role, "directory_groups": each.groups} for each in found.origins],
        "second_person": sorted(found.approvals),
        "second_factor": None if found.is_token else found.needs_second_factor,
        "sessions": None if found.is_token else found.sessions,
        "last_seen": found.last_seen,
    }
