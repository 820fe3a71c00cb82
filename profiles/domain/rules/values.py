"""What staff may change of a namespace, as a document that fits into JSON, and what it has to keep to."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from compliance.identifiers import UnknownNormaliser, check_normaliser
from compliance.wording import sentence
from profiles.enums import ContentUse, Level
from profiles.identity.patterns import UnusablePattern, check_pattern
from profiles.identity.rules import NamespaceRule, Rules, rule_of
from profiles.models import Namespace

MOST_BLOCKED = 5_000
MOST_PATTERNS = 50
MOST_PATHS = 40
MAX_NAME, MAX_VALUE, MAX_PATH, MAX_PRIORITY, MAX_NUMBER = 80, 200, 120, 999, 1_000_000
_PART = r"[A-Za-z_]\w*(\.[\w -]+)*\??"
_PATH = re.compile(rf"{_PART}(\+{_PART})*")
_ANCHORS = {"user_id", "anonymous_id"}  # facts belong to pairs of these


class NamespaceValues(TypedDict):
    """All of a namespace but its key, which never changes."""

    name: str
    level: str
    priority: int
    limit: int | None
    limit_days: int | None
    unique: bool
    shareable: bool
    normaliser: str
    paths: list[str]
    verified_paths: list[str]
    blocked_values: list[str]
    blocked_patterns: list[str]
    shared_patterns: list[str]
    content: str
    content_patterns: list[str]


FIELDS = tuple(NamespaceValues.__annotations__)


class WrongValues(ValueError):
    """The values cannot be rules; `problems` says of each field what is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def values_of(row: Namespace) -> NamespaceValues:
    """The values of a row."""
    return {field: getattr(row, field) for field in FIELDS}  # type: ignore[return-value]  # the fields of the row


def rule_with(row: Namespace, values: Mapping[str, Any]) -> NamespaceRule:
    """The rule that the namespace would be with these values."""
    return rule_of({**values, "id": row.id, "key": row.key})


def rules_with(rules: Rules, rule: NamespaceRule) -> Rules:
    """The rules with this one in the place of that of its namespace."""
    changed = [rule if each.id == rule.id else each for each in rules.namespaces]
    return Rules(tuple(sorted(changed, key=lambda each: (each.priority, each.id))))


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields in which they differ."""
    return [field for field in FIELDS if before[field] != after[field]]


def check(key: str, values: NamespaceValues) -> None:
    """Raises WrongValues unless these can be the rules of the namespace of this key."""
    problems = {**_plain_problems(key, values), **_list_problems(values)}
    if problems:
        raise WrongValues(problems)


def _plain_problems(key: str, values: NamespaceValues) -> dict[str, str]:
    problems = _number_problems(values)
    if not 0 < len(values["name"].strip()) <= MAX_NAME:
        problems["name"] = f"A name has 1 to {MAX_NAME} characters."
    if values["level"] not in set(Level):
        problems["level"] = "Choose one of the levels."
    elif key in _ANCHORS and not Level(values["level"]).resolves:
        problems["level"] = f"Facts are kept by {key}: its level has to be person or device."
    if values["unique"] and values["shareable"]:
        problems["shareable"] = "A value that one person alone has cannot be shared: choose one of the two."
    if values["content"] not in set(ContentUse):
        problems["content"] = "Choose what identifiers in texts do."
    try:
        check_normaliser(values["normaliser"])
    except UnknownNormaliser as error:
        problems["normaliser"] = sentence(error)
    return problems


def _number_problems(values: NamespaceValues) -> dict[str, str]:
    problems = {}
    if not 1 <= values["priority"] <= MAX_PRIORITY:
        problems["priority"] = f"A priority is a number from 1, the strongest, to {MAX_PRIORITY}."
    for field in ("limit", "limit_days"):
        number = values[field]
        if number is not None and not 1 <= number <= MAX_NUMBER:
            problems[field] = f"It should be a whole number from 1 to {MAX_NUMBER:,}, or empty."
    if values["limit_days"] and not values["limit"]:
        problems["limit_days"] = "A window needs a limit: how many values within these days?"
    return problems


def _list_problems(values: NamespaceValues) -> dict[str, str]:
    problems = {}
    for field in ("paths", "verified_paths"):
        paths: list[str] = values[field]
        wrong = next((each for each in paths if len(each) > MAX_PATH or not _PATH.fullmatch(each)), None)
        if wrong is not None:
            problems[field] = f"“{wrong[:60]}” is no path: write traits.email, or parts joined by +."
        elif len(paths) > MOST_PATHS:
            problems[field] = f"There are more than {MOST_PATHS} paths."
    for field in ("blocked_patterns", "shared_patterns", "content_patterns"):
        if problem := _pattern_problem(values[field]):  # type: ignore[literal-required]  # one of three keys
            problems[field] = problem
    blocked = values["blocked_values"]
    if any(len(each) > MAX_VALUE for each in blocked):
        problems["blocked_values"] = f"A blocked value has at most {MAX_VALUE} characters; use a pattern."
    elif len(blocked) > MOST_BLOCKED:
        problems["blocked_values"] = f"There are more than {MOST_BLOCKED:,} blocked values; use patterns."
    return problems


def _pattern_problem(patterns: Iterable[str]) -> str:
    written = list(patterns)
    if len(written) > MOST_PATTERNS:
        return f"There are more than {MOST_PATTERNS} patterns."
    for each in written:
        try:
            check_pattern(each)
        except UnusablePattern as error:
            return f"“{each[:60]}”: {error}"
    return ""
