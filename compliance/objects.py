"""What roles are given one by one, beside categories: sources today. django-guardian keeps who has which.

A kind is the model's label. The permission is Django's own to view it, given to the role's group.
"""

from collections import defaultdict
from collections.abc import Collection
from enum import StrEnum

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from guardian.models import GroupObjectPermission


class ObjectKind(StrEnum):
    """What a role can be given one by one."""

    SOURCE = "ingestion.source"

    @property
    def permission(self) -> str:
        """The code name of the permission that gives one."""
        return f"view_{self.partition('.')[2]}"


def given_to_groups(kind: ObjectKind, groups: Collection[int]) -> frozenset[int]:
    """The ids of what members of these groups have been given."""
    return frozenset(map(int, _rows(kind, groups).values_list("object_pk", flat=True)))


def given_by_group(kind: ObjectKind, groups: Collection[int]) -> dict[int, frozenset[int]]:
    """The ids of what each of these groups has been given, in one statement; a group that has none is left out."""
    found: dict[int, set[int]] = defaultdict(set)
    for group, pk in _rows(kind, groups).values_list("group_id", "object_pk"):
        found[group].add(int(pk))
    return {group: frozenset(ids) for group, ids in found.items()}


def give_to_group(kind: ObjectKind, group: int, ids: Collection[int]) -> None:
    """Give the group exactly these, and take all others of the kind from it."""
    app, _, model = kind.partition(".")
    content_type = ContentType.objects.get_by_natural_key(app, model)
    permission = Permission.objects.get(content_type=content_type, codename=kind.permission)
    _rows(kind, [group]).exclude(object_pk__in=[str(each) for each in ids]).delete()
    GroupObjectPermission.objects.bulk_create(
        [
            GroupObjectPermission(
                group_id=group, permission=permission, content_type=content_type, object_pk=str(each)
            )
            for each in sorted(ids)
        ],
        ignore_conflicts=True,
    )


def _rows(kind: ObjectKind, groups: Collection[int]) -> QuerySet[GroupObjectPermission]:
    app, _, model = kind.partition(".")
    return GroupObjectPermission.objects.filter(
        group_id__in=groups, permission__codename=kind.permission,
        content_type__app_label=app, content_type__model=model,
    )  # fmt: skip
