"""Changes of the rules of identity: what they would do, applying and cancelling them, and all that were made."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    IntegerField,
    ListField,
    UUIDField,
)

from compliance.access import actor_of
from compliance.enums import Operation
from compliance.wording import sentence
from profiles.api.parameters import PAGING, PAGING_PARAMETERS
from profiles.domain.queries.rule_changes import ChangeOfRules, rule_change, rule_changes
from profiles.domain.rules.applying import RulesBusy, StaleChange, apply_change
from profiles.domain.rules.editing import NotOpen, UnknownChange, cancel_change
from profiles.enums import ChangeState
from profiles.tasks import apply_rule_change
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size

EXAMPLE = shape(
    "RuleChangeExample",
    "One thing that a change would do.",
    kind=ChoiceField(["merge", "split", "review"]),
    sentence=CharField(),
    profiles=ListField(child=UUIDField()),
)
RULE_CHANGE = shape(
    "RuleChange",
    "A change of rules: what it would do, or how far it is.",
    id=IntegerField(),
    namespace=CharField(),
    state=ChoiceField([state.value for state in ChangeState]),
    fields=ListField(child=CharField(), help_text="which rules it changes"),
    made_at=DateTimeField(),
    merges=IntegerField(help_text="people who would be merged into others"),
    splits=IntegerField(help_text="people who would be taken apart, or lose an identifier"),
    reviews=IntegerField(help_text="links that would be refused and wait for review"),
    people=IntegerField(help_text="people concerned in all"),
    too_large=IntegerField(help_text="groups of people that are too large to be measured"),
    looked_at=ListField(
        child=IntegerField(),
        allow_null=True,
        help_text="of how many values, of how many, the figures are, where time did not do for all; else null",
    ),
    stale=BooleanField(help_text="whether the rules have changed since it was measured"),
    fraction=CharField(help_text="how much of what goes on is done, from 0 to 1"),
    measured_at=DateTimeField(allow_null=True),
    applied_at=DateTimeField(allow_null=True),
    examples=EXAMPLE(many=True, help_text="of one that is measured and read alone"),
)


class Conflict(APIException):
    """The change is not in the state that this needs."""

    status_code = 409


class RuleChangesView(RestView):
    """All changes."""

    operation = Operation.IDENTITY_RULES
    query_parameters = PAGING

    @extend_schema(
        operation_id="rule_changes_list", parameters=PAGING_PARAMETERS, responses=page_schema(RULE_CHANGE)
    )
    def get(self, request: Request) -> Response:
        """List the changes of rules, the latest first, without their examples."""
        cursor = request.query_params.get("cursor")
        page = rule_changes(actor_of(request), cursor=cursor, limit=page_size(request))
        results = [document(each) for each in page.items]
        return Response(page_document(request, results, after=page.next, before=page.previous))


class RuleChangeView(RestView):
    """One change."""

    operation = Operation.IDENTITY_RULES

    @extend_schema(operation_id="rule_changes_read", responses=RULE_CHANGE)
    def get(self, request: Request, change_id: int) -> Response:
        """Read what a change would do, or how far it is."""
        return Response(document(_found(request, change_id)))


class ApplyView(RestView):
    """Applying a change."""

    operation = Operation.IDENTITY_RULES

    @extend_schema(
        operation_id="rule_changes_apply", request=None, responses=RULE_CHANGE, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, change_id: int) -> Response:
        """Let the rules of a measured change hold; 409 when it is not measured, or measured by other rules."""
        try:
            apply_change(actor_of(request), change_id, now=timezone.now())
        except UnknownChange as error:
            raise NotFound("There is no such change.") from error
        except (NotOpen, StaleChange, RulesBusy) as error:
            raise Conflict(sentence(error)) from error
        transaction.on_commit(partial(apply_rule_change.delay, change_id=change_id))
        return Response(document(_found(request, change_id)))


class CancelView(RestView):
    """Cancelling a change."""

    operation = Operation.IDENTITY_RULES

    @extend_schema(
        operation_id="rule_changes_cancel", request=None, responses=RULE_CHANGE, parameters=[KEY_PARAMETER]
    )
    @once
    def post(self, request: Request, change_id: int) -> Response:
        """Call a change off that is being measured or was; 409 once it is applied: change the rules back instead."""
        try:
            cancel_change(actor_of(request), change_id)
        except UnknownChange as error:
            raise NotFound("There is no such change.") from error
        except NotOpen as error:
            raise Conflict(sentence(error)) from error
        return Response(document(_found(request, change_id)))


def _found(request: Request, change_id: int) -> ChangeOfRules:
    try:
        return rule_change(actor_of(request), change_id)
    except UnknownChange as error:
        raise NotFound("There is no such change.") from error


def document(found: ChangeOfRules) -> dict[str, Any]:
    """A change as it is answered."""
    return {
        "id": found.id,
        "namespace": found.key,
        "state": found.state,
        "fields": [each.field for each in found.differences],
        "merges": found.merges,
        "splits": found.splits,
        "reviews": found.reviews,
        "people": found.people,
        "too_large": found.too_large,
        "looked_at": found.looked_at,
        "stale": found.is_stale,
        "fraction": f"{found.fraction:.4f}",
        "made_at": found.made_at,
        "measured_at": found.measured_at,
        "applied_at": found.applied_at,
        "examples": [
            {"kind": each.kind, "sentence": each.sentence, "profiles": [who.id for who in each.people]}
            for each in found.examples
        ],
    }
