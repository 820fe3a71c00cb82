"""Rules that tell values are for those who may see values of the namespace."""

from dataclasses import replace
from typing import Any, cast

import pytest

from compliance.access import AccessDenied
from compliance.enums import Category, Operation
from profiles.domain.queries.namespaces import all_namespaces, namespace_rules
from profiles.domain.queries.rule_changes import rule_change, rule_changes
from profiles.domain.rules.blocking import block_value, propose_unblocking
from profiles.domain.rules.editing import propose_change, renew_change
from profiles.domain.rules.sight import OF_VALUES
from profiles.domain.rules.values import NamespaceValues
from profiles.models import Namespace, RuleChange
from tests.profiles.builder.driver import START as NOW
from tests.profiles.domain.rules.changing import with_fields
from tests.profiles.people import ALL

BLIND = replace(
    ALL,
    operations=frozenset({Operation.IDENTITY_RULES, Operation.PEOPLE_VIEW}),
    categories=frozenset(Category) - {Category.CONTACT},
)
VALUE = "jane@example.com"


@pytest.fixture
def blocked(database) -> int:
    """The number of the change by which the address was blocked."""
    return block_value(ALL, "email", VALUE, now=NOW)


def test_what_is_blocked_shows_in_no_list_history_or_change(blocked):
    assert VALUE in str(namespace_rules(ALL, "email"))
    assert VALUE in str(rule_change(ALL, blocked))
    for shown in (
        all_namespaces(BLIND), namespace_rules(BLIND, "email"), rule_change(BLIND, blocked), rule_changes(BLIND).items,
    ):  # fmt: skip
        assert VALUE not in str(shown)
    assert namespace_rules(BLIND, "email")[0].hides_values
    assert not namespace_rules(BLIND, "user_id")[0].hides_values
    assert VALUE not in str(namespace_rules(replace(ALL, sources=frozenset({1})), "email"))


@pytest.mark.parametrize("field", OF_VALUES)
def test_nobody_measures_a_guess_of_what_they_may_not_see(blocked, field):
    guessed: dict[str, Any] = {**namespace_rules(BLIND, "email")[0].values}
    guessed[field] = ["j.*"]
    with pytest.raises(AccessDenied, match="'contact'"):
        propose_change(BLIND, "email", cast("NamespaceValues", guessed), now=NOW)
    assert RuleChange.objects.count() == 1


def test_a_guess_is_refused_alike_whether_it_is_blocked_or_not(blocked):
    for act in (block_value, propose_unblocking):
        said = []
        for value in (VALUE, "nobody@example.com"):
            with pytest.raises(AccessDenied) as refused:
                act(BLIND, "email", value, now=NOW)
            said.append(str(refused.value))
        assert said[0] == said[1]


def test_other_rules_change_and_what_is_closed_stays(blocked):
    seen = namespace_rules(BLIND, "email")[0].values
    change = propose_change(BLIND, "email", {**seen, "limit": 3}, now=NOW)
    row = RuleChange.objects.get(pk=change)
    assert row.after["limit"] == 3
    assert row.after["blocked_values"] == Namespace.objects.get(key="email").blocked_values
    assert renew_change(BLIND, change, now=NOW) > change
    of_values = propose_change(ALL, "email", with_fields("email", blocked_patterns=["x.*"]), now=NOW)
    with pytest.raises(AccessDenied):
        renew_change(BLIND, of_values, now=NOW)
