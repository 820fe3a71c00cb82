"""What people may declare of a purpose, by the basis that it rests on and by what stands of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from compliance.domain.purposes import versions_of
from compliance.gate import PurposeRule, purpose_rules
from profiles.domain.queries.permission import said_of
from profiles.enums import DeclarationKind

MOST_PROOF = 2000  # characters
MOST_REASON = 200
MOST_VERSION = 40
_AHEAD = timedelta(minutes=5)  # by which the clock of a sender may be ahead


class UnusableDeclaration(ValueError):
    """It cannot be kept; the message says why, and repeats nothing of the person."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What somebody declares. `holds` is False for a consent that is refused or withdrawn, and for what is lifted."""

    kind: DeclarationKind
    purpose: str
    holds: bool
    said_at: datetime
    text_version: str = ""
    reason: str = ""
    proof: str = ""
    act: UUID = field(default_factory=uuid4)


def check(declared: Collection[Declared], now: datetime) -> dict[str, PurposeRule]:
    """The rules of the purposes, by key. Raises UnusableDeclaration, whoever it is said of."""
    rules = {rule.key: rule for rule in purpose_rules({each.purpose for each in declared})}
    versions = versions_of({each.purpose for each in declared if each.text_version})
    for each in declared:
        _check_purpose(each, rules)
        if each.said_at > now + _AHEAD:
            raise UnusableDeclaration("said_at lies in the future: send when the person said it.")
        known = versions.get(each.purpose)
        if each.text_version and known and each.text_version not in known:
            raise UnusableDeclaration(
                f"the purpose {each.purpose!r} has no text of this version: it has {', '.join(sorted(known))}"
            )
    return rules


def _check_purpose(declared: Declared, rules: Mapping[str, PurposeRule]) -> None:
    rule = rules.get(declared.purpose)
    if declared.kind is DeclarationKind.RESTRICTION:
        if declared.purpose:
            raise UnusableDeclaration("a restriction is of all purposes: leave the purpose out")
    elif rule is None and (declared.purpose or declared.kind is DeclarationKind.CONSENT):
        raise UnusableDeclaration("there is no such purpose: GET purposes/ lists them")
    elif rule is not None and not _is_open_to(declared, rule):
        raise UnusableDeclaration(f"the purpose {rule.key!r} {rule.takes}")


def _is_open_to(declared: Declared, rule: PurposeRule) -> bool:
    """Whether the basis of the purpose allows it. What stands from before the basis was changed can be lifted on any.

    Whether there is a refusal to take back is asked of the people (`check_taken_back`).
    """
    if declared.kind is DeclarationKind.CONSENT:
        return rule.needs_consent or declared.holds
    return rule.takes_objections or not declared.holds


def check_taken_back(
    known: Sequence[tuple[int, Declared]],
    unknown: Sequence[Declared],
    rules: Mapping[str, PurposeRule],
) -> None:
    """Raise UnusableDeclaration for a consent to what rests on another ground, unless it takes back a refusal that stands.

    `known` are rows of people; of whom nobody knows yet nothing stands.
    """

    def takes_back(each: Declared) -> bool:
        is_given = each.kind is DeclarationKind.CONSENT and each.holds
        return is_given and not rules[each.purpose].needs_consent

    taken = [(row, each.purpose) for row, each in known if takes_back(each)]
    keys = {purpose for _, purpose in taken}
    said = said_of({row for row, _ in taken}, [rules[key] for key in keys]) if taken else {}
    idle = [purpose for row, purpose in taken if purpose not in said[row].refused]
    idle += [each.purpose for each in unknown if takes_back(each)]
    if idle:
        raise UnusableDeclaration(f"the purpose {idle[0]!r} {rules[idle[0]].takes}")
