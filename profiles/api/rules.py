"""The rules of identity: namespaces, the dry run of a change, and applying it."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound, ValidationError
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
from profiles.domain.queries.namespaces import NamespaceRules, all_namespaces, namespace_rules
from profiles.domain.queries.rule_changes import ChangeOfRules, rule_change
from profiles.domain.rules.applying import RulesBusy, StaleChange, apply_change
from profiles.domain.rules.editing import (
    NothingChanged,
    NotOpen,
    UnknownChange,
    UnknownNamespace,
    propose_change,
)
from profiles.domain.rules.values import FIELDS, NamespaceValues, WrongValues
from profiles.enums import ChangeState, ContentUse, Level
from profiles.tasks import apply_rule_change, measure_rule_change
from streaming.api.schemas import shape
from streaming.api.views import RestView


def _values(*, required: bool) -> dict[str, Any]:
    return {
        "name": CharField(required=required),
        "level": ChoiceField([level.value for level in Level], required=required),
        "priority": IntegerField(required=required, help_text="1 is the strongest"),
        "limit": IntegerField(
            required=required, allow_null=True, help_text="values of one person; null for any number"
        ),
        "limit_days": IntegerField(
            required=required, allow_null=True, help_text="the limit's window in event time; null for ever"
        ),
        "unique": BooleanField(required=required, help_text="whether two values are two people"),
        "shareable": BooleanField(
            required=required, help_text="whether a value that was seen with two people joins nobody"
        ),
        "normaliser": CharField(required=required),
        "content": ChoiceField([use.value for use in ContentUse], required=required),
        **{field: ListField(child=CharField(allow_blank=True), required=required) for field in _LISTS},
    }


_LISTS = (
    "paths", "verified_paths", "blocked_values", "blocked_patterns", "shared_patterns", "content_patterns",
)  # fmt: skip
_KINDS = _values(required=True)
NAMESPACE = shape("Namespace", "A kind of identifier, with its rules.", key=CharField(), **_KINDS)
NAMESPACES = shape("Namespaces", "All of them, the strongest first.", results=NAMESPACE(many=True))
NEW_RULES = shape(
    "NewRules", "The rules that are to change; what is left out stays as it is.", **_values(required=False)
)
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
    merges=IntegerField(help_text="people who would be merged into others"),
    splits=IntegerField(help_text="people who would be taken apart, or lose an identifier"),
    reviews=IntegerField(help_text="links that would be refused and wait for review"),
    people=IntegerField(help_text="people concerned in all"),
    too_large=IntegerField(help_text="groups of people that are too large to be measured"),
    stale=BooleanField(help_text="whether the rules have changed since it was measured"),
    fraction=CharField(help_text="how much of what goes on is done, from 0 to 1"),
    measured_at=DateTimeField(allow_null=True),
    applied_at=DateTimeField(allow_null=True),
    examples=EXAMPLE(many=True),
)


class Conflict(APIException):
    """The change is not in the state that this needs."""

    status_code = 409


class NamespacesView(RestView):
    """All namespaces."""

    operation = Operation.IDENTITY_RULES

    @extend_schema(operation_id="namespaces_list", responses=NAMESPACES)
    def get(self, request: Request) -> Response:
        """List the namespaces with their rules, the strongest first."""
        return Response({"results": [_namespace(each) for each in all_namespaces(actor_of(request))]})


class DryRunView(RestView):
    """The dry run of a change."""

    operation = Operation.IDENTITY_RULES

    @extend_schema(operation_id="namespaces_dry_run", request=NEW_RULES, responses=RULE_CHANGE)
    def post(self, request: Request, key: str) -> Response:
        """Measure whom other rules would merge, split or send to review; ask rule-changes/ID/ for the result."""
        actor = actor_of(request)
        try:
            found, _ = namespace_rules(actor, key)
            change = propose_change(actor, key, _wanted(request, found.values), now=timezone.now())
        except UnknownNamespace as error:
            raise NotFound("There is no such namespace.") from error
        except WrongValues as error:
            raise ValidationError({field: [said] for field, said in error.problems.items()}) from error
        except NothingChanged as error:
            raise ValidationError({"body": ["The namespace has these rules already."]}) from error
        measure_rule_change.delay(change_id=change)
        return Response(_change(rule_change(actor, change)))


class RuleChangeView(RestView):
    """One change."""

    operation = Operation.IDENTITY_RULES

    @extend_schema(operation_id="rule_changes_read", responses=RULE_CHANGE)
    def get(self, request: Request, change_id: int) -> Response:
        """Read what a change would do, or how far it is."""
        return Response(_change(_found(request, change_id)))


class ApplyView(RestView):
    """Applying a change."""

    operation = Operation.IDENTITY_RULES

    @extend_schema(operation_id="rule_changes_apply", request=None, responses=RULE_CHANGE)
    def post(self, request: Request, change_id: int) -> Response:
        """Let the rules of a measured change hold; 409 when it is not measured, or measured by other rules."""
        try:
            apply_change(actor_of(request), change_id, now=timezone.now())
        except UnknownChange as error:
            raise NotFound("There is no such change.") from error
        except (NotOpen, StaleChange, RulesBusy) as error:
            raise Conflict(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
        apply_rule_change.delay(change_id=change_id)
        return Response(_change(_found(request, change_id)))


def _found(request: Request, change_id: int) -> ChangeOfRules:
    try:
        return rule_change(actor_of(request), change_id)
    except UnknownChange as error:
        raise NotFound("There is no such change.") from error


def _wanted(request: Request, values: NamespaceValues) -> NamespaceValues:
    """The values with those that were sent in their places. Raises ValidationError."""
    sent = request.data
    if not isinstance(sent, dict) or not sent or not set(sent) <= set(FIELDS):
        raise ValidationError({"body": [f"Send some of {', '.join(FIELDS)}, and nothing else."]})
    problems = {field: ["It has another type."] for field, value in sent.items() if not _fits(field, value)}
    if problems:
        raise ValidationError(problems)
    return {**values, **sent}  # type: ignore[typeddict-item]  # of the same keys, and checked


def _fits(field: str, value: Any) -> bool:
    kind = _KINDS[field]
    if isinstance(kind, ListField):
        return isinstance(value, list) and all(_is_text(each) for each in value)
    if isinstance(kind, BooleanField):
        return isinstance(value, bool)
    if isinstance(kind, IntegerField):
        return type(value) is int or (value is None and kind.allow_null)
    return _is_text(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and value.isprintable()


def _namespace(found: NamespaceRules) -> dict[str, Any]:
    return {"key": found.key, **found.values}


def _change(found: ChangeOfRules) -> dict[str, Any]:
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
        "stale": found.is_stale,
        "fraction": f"{found.fraction:.4f}",
        "measured_at": found.measured_at,
        "applied_at": found.applied_at,
        "examples": [
            {"kind": each.kind, "sentence": each.sentence, "profiles": [who.id for who in each.people]}
            for each in found.examples
        ],
    }
