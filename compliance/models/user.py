"""Members of staff, who sign in."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser

from compliance.enums import Category, Operation
from compliance.models.role import Role, known_categories, known_operations


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
    def categories(self) -> frozenset[Category]:
        """The categories of personal data that they may see."""
        if self.is_superuser:
            return frozenset(Category)
        return known_categories([value for role in self.roles for value in role.categories])
