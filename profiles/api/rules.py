"""The rules of identity: namespaces, and the dry run of a change."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    IntegerField,
    ListField,
)

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.api.rule_changes import RULE_CHANGE, document
from profiles.domain.queries.namespaces import NamespaceRules, all_namespaces, namespace_rules
from profiles.domain.queries.rule_changes import rule_change
from profiles.domain.rules.editing import NothingChanged, UnknownNamespace, propose_change
from profiles.domain.rules.sight import OF_VALUES
from profiles.domain.rules.values import FIELDS, NamespaceValues, WrongValues
from profiles.enums import ContentUse, Level
from profiles.tasks import measure_rule_change
from streaming.api.idempotency import KEY_PARAMETER, once
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
NAMESPACE = shape(
    "Namespace",
    "A kind of identifier, with its rules.",
    key=CharField(),
    **_KINDS,
    hidden=ListField(
        child=CharField(),
        help_text="lists that are empty here because they would tell values you may not see",
    ),
)
NAMESPACES = shape("Namespaces", "All of them, the strongest first.", results=NAMESPACE(many=True))
NEW_RULES = shape(
    "NewRules", "The rules that are to change; what is left out stays as it is.", **_values(required=False)
)


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

    @extend_schema(
        operation_id="namespaces_dry_run",
        request=NEW_RULES,
        responses=RULE_CHANGE,
        parameters=[KEY_PARAMETER],
    )
    @once
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
        transaction.on_commit(lambda: measure_rule_change.delay(change_id=change))
        return Response(document(rule_change(actor, change)))


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
    return {"key": found.key, **found.values, "hidden": list(OF_VALUES) if found.hides_values else []}
