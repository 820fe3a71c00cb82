"""Which role follows from which group. What is not mapped gives nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.entries import mapping_key
from compliance.domain.directory.groups import Membership
from compliance.models import DirectoryMapping, Role


@dataclass(frozen=True, slots=True)
class Given:
    """A role, by which group, and what says so."""

    role: str
    membership: Membership
    why: str


class Mapping:
    """The mapping as it is now: that of the page, LDAP_ROLES, and the names of roles where that is switched on."""

    def __init__(self, directory: Directory) -> None:
        rows = DirectoryMapping.objects.select_related("role__group")
        self._rows = {row.key: row.role.group.name for row in rows}
        self._environment = {mapping_key(name): role for name, role in directory.roles.items()}
        names = Role.objects.values_list("group__name", flat=True)
        self._roles = set(names)
        self._names = {mapping_key(name): name for name in self._roles} if directory.roles_by_name else {}

    def given(self, found: Iterable[Membership]) -> list[Given]:
        """The roles that follow from these groups, and why; one may follow from several."""
        return [each for membership in found for each in self._given(membership)]

    def roles(self, found: Iterable[Membership]) -> frozenset[str]:
        """The names of the roles alone."""
        return frozenset(each.role for each in self.given(found))

    def _given(self, membership: Membership) -> Iterable[Given]:
        group = membership.group
        for key, what in ((group.normal, "its distinguished name"), (mapping_key(group.name), "its name")):
            if key in self._rows:
                yield Given(self._rows[key], membership, f"mapped by {what}")
        name = mapping_key(group.name)
        if self._environment.get(name) in self._roles:
            yield Given(self._environment[name], membership, "mapped by LDAP_ROLES")
        if name in self._names:
            yield Given(self._names[name], membership, "it has the role's name (LDAP_ROLES_BY_NAME)")
