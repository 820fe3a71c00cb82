"""Members of staff, who sign in."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser

from compliance.enums import Operation
from compliance.forms import ALL_CLEAR, Forms, most_open
from compliance.models.role import Role, known_operations
from compliance.objects import ObjectKind, given_to_groups


class User(AbstractUser):
    """A member of staff. Ours from the first migration, because Django cannot change it later.

    May do and see what any of their roles allows; a superuser everything. Read once per request.
    """

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """Their roles, by name."""
        return tuple(Role.objects.filter(group__user=self).select_related("group"))

    @property
    def operations(self) -> frozenset[Operation]:
        """What they may do."""
        if self.is_superuser:
            return frozenset(Operation)
        return known_operations([value for role in self.roles for value in role.operations])

    @property
    def forms(self) -> Forms:
        """In which form they see data of each category."""
        return ALL_CLEAR if self.is_superuser else most_open(role.forms for role in self.roles)

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes for which they may use data; empty when one of their roles is bound to none."""
        if self.is_superuser or not all(role.purposes for role in self.roles):
            return frozenset()
        return frozenset(key for role in self.roles for key in role.purposes)

    @cached_property
    def sources(self) -> frozenset[int] | None:
        """The ids of the sources whose data they may see; None is all of them."""
        if self.is_superuser or any(role.all_sources for role in self.roles):
            return None
        return given_to_groups(ObjectKind.SOURCE, [role.group_id for role in self.roles])
