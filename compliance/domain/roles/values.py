"""What a role allows, apart from its row: as it is, as somebody wants it, and as a document that can be kept."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from compliance.enums import Category, Operation
from compliance.forms import Form, Forms, most_open
from compliance.models import Role
from compliance.models.role import known_forms, known_operations
from compliance.objects import ObjectKind, given_by_group

_MASKED = Forms()


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may do and see. Without purposes they are bound to none; `sources` None is all of them."""

    operations: frozenset[Operation] = frozenset()
    forms: Forms = _MASKED
    purposes: frozenset[str] = frozenset()
    sources: frozenset[int] | None = frozenset()


NOTHING = Reach(forms=Forms(hidden=frozenset(Category)))


@dataclass(frozen=True, slots=True)
class RoleValues:
    """A role as it is or is to be."""

    name: str
    description: str
    reach: Reach

    def document(self) -> dict[str, Any]:
        """As JSON keeps it."""
        reach, forms = self.reach, self.reach.forms
        return {
            "name": self.name,
            "description": self.description,
            "operations": sorted(reach.operations),
            "forms": {each.value: forms.of(each).value for each in Category},
            "purposes": sorted(reach.purposes),
            "sources": None if reach.sources is None else sorted(reach.sources),
        }

    @classmethod
    def of_document(cls, kept: Mapping[str, Any]) -> "RoleValues":
        """What was kept."""
        sources = kept["sources"]
        return cls(
            kept["name"],
            kept["description"],
            Reach(
                known_operations(kept["operations"]), forms_of(kept["forms"]), frozenset(kept["purposes"]),
                None if sources is None else frozenset(sources),
            ),
        )  # fmt: skip

    @property
    def version(self) -> str:
        """The same for the same values: tells whether a role is still as somebody saw it."""
        return hashlib.sha256(orjson.dumps(self.document(), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def forms_of(chosen: Mapping[str, str]) -> Forms:
    """The forms that are chosen by category; what is none of ours is masked."""
    of = {form: [name for name, value in chosen.items() if value == form] for form in Form}
    return known_forms(of[Form.CLEAR], of[Form.HASHED], of[Form.HIDDEN])


def values_of(roles: Sequence[Role]) -> dict[int, RoleValues]:
    """The values of these roles by their ids, in one statement. Their groups have been read with them."""
    given = given_by_group(ObjectKind.SOURCE, [role.group_id for role in roles if not role.all_sources])
    return {
        role.pk: RoleValues(
            role.group.name,
            role.description,
            Reach(
                role.allowed_operations, role.forms, frozenset(role.purposes),
                None if role.all_sources else given.get(role.group_id, frozenset()),
            ),
        )
        for role in roles
    }  # fmt: skip


def together(several: Iterable[Reach]) -> Reach:
    """What somebody has who has all of these: of each the most."""
    given = list(several)
    if not given:
        return NOTHING
    return Reach(
        frozenset[Operation]().union(*(each.operations for each in given)),
        most_open(each.forms for each in given),
        frozenset[str]().union(*(each.purposes for each in given))
        if all(each.purposes for each in given)
        else frozenset(),
        None
        if any(each.sources is None for each in given)
        else frozenset[int]().union(*(each.sources or () for each in given)),
    )
