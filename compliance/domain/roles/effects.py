"""What a change of a role does to those who have it: whoever has another role that allows the same gains and loses nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.access import require
from compliance.actors import Actor
from compliance.domain.roles.differences import differences
from compliance.domain.roles.values import RoleValues, together, values_of
from compliance.enums import Operation
from compliance.known_sources import known_sources
from compliance.models import Role, User


@dataclass(frozen=True, slots=True)
class Effect:
    """How many have the role, and how many of them gain or lose each thing, in words."""

    members: int
    gains: Sequence[tuple[str, int]]
    loses: Sequence[tuple[str, int]]


def effect_of(actor: Actor, role: Role, wanted: RoleValues) -> Effect:
    """What its members gain and lose once the role is so. Raises AccessDenied."""
    require(actor, Operation.ROLES_MANAGE)
    gains: Counter[str] = Counter()
    loses: Counter[str] = Counter()
    combinations = _combinations(role)
    reaches = {pk: values.reach for pk, values in values_of(_roles(combinations)).items()}
    names = known_sources()
    for others, count in combinations.items():
        beside = [reaches[each] for each in others if each in reaches and each != role.pk]
        told = differences(
            together([*beside, reaches[role.pk]]), together([*beside, wanted.reach]), sources=names
        )
        gains.update(dict.fromkeys(told.gains, count))
        loses.update(dict.fromkeys(told.loses, count))
    return Effect(combinations.total(), tuple(gains.items()), tuple(loses.items()))


def _combinations(role: Role) -> Counter[frozenset[int]]:
    """Which roles the members have beside this one, and how many have these. A superuser gains and loses nothing."""
    members = User.objects.filter(groups=role.group_id, is_superuser=False).values("pk")
    pairs = User.groups.through.objects.filter(user__in=members).values_list("user_id", "group__role")
    roles: dict[int, set[int]] = {}
    for user, other in pairs:
        if other is not None:
            roles.setdefault(user, set()).add(other)
    return Counter(frozenset(each) for each in roles.values())


def _roles(combinations: Counter[frozenset[int]]) -> list[Role]:
    wanted = set(_each(combinations))
    return list(Role.objects.select_related("group").filter(pk__in=wanted))


def _each(combinations: Counter[frozenset[int]]) -> Iterator[int]:
    for each in combinations:
        yield from each
