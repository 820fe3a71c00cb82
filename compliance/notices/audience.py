"""Whom a notice reaches, and how: what a person chose, else the loudest of what their roles say, else the kind's way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from compliance.enums import Channel
from compliance.models import NoticeSubscription, User
from compliance.notices.kinds import Kind
from compliance.objects import ObjectKind, given_by_group


@dataclass(frozen=True, slots=True)
class Audience:
    """These members of staff, by user name; without names all who may do what the kind asks for.

    With a `source` (its id) only those of them who may see what comes from it.
    """

    usernames: frozenset[str] = frozenset()
    is_everybody: bool = True
    source: int | None = None


SUBSCRIBERS = Audience()


def only(*usernames: str) -> Audience:
    """These members of staff and nobody else; names of nobody (a process of ours) reach nobody."""
    return Audience(frozenset(usernames), is_everybody=False)


def seeing(source: int) -> Audience:
    """All who may do what the kind asks for, and see this source: the notice tells of nothing else."""
    return Audience(source=source)


def recipients(kind: Kind, audience: Audience) -> dict[int, Channel]:
    """The ids of those whom it reaches, each with the way; who wants none of the kind is not among them."""
    people = list(_people(kind, audience).prefetch_related("groups__role"))
    if audience.source is not None:
        people = _seeing(people, audience.source)
    ways = channels(people, [kind])
    return {user.pk: ways[user.pk, kind.key] for user in people if ways[user.pk, kind.key] is not Channel.OFF}


def channels(people: Collection[User], kinds: Collection[Kind]) -> dict[tuple[int, str], Channel]:
    """How each kind reaches each person, by (id of the user, key of the kind)."""
    own, of_roles = _chosen(kinds)
    return {
        (user.pk, kind.key): own.get((user.pk, kind.key)) or _of_roles(user, kind, of_roles)
        for user in people
        for kind in kinds
    }


def _people(kind: Kind, audience: Audience) -> QuerySet[User]:
    staff = User.objects.filter(is_active=True, is_staff=True)
    if not audience.is_everybody:
        return staff.filter(username__in=audience.usernames)
    if kind.operation is None:
        return staff.none()
    may = Q(is_superuser=True) | Q(groups__role__operations__contains=[kind.operation.value])
    return staff.filter(may).distinct()


def _seeing(people: Collection[User], source: int) -> list[User]:
    """Those of them who see the source, as `User.sources` says of one."""
    groups = {group.pk for user in people for group in user.groups.all()}
    given = given_by_group(ObjectKind.SOURCE, groups)
    giving = {group for group, sources in given.items() if source in sources}
    return [
        user
        for user in people
        if user.is_superuser
        or any(
            group.pk in giving or group.role.all_sources
            for group in user.groups.all()
            if hasattr(group, "role")
        )
    ]


def _chosen(
    kinds: Collection[Kind],
) -> tuple[dict[tuple[int, str], Channel], dict[tuple[int, str], Channel]]:
    rows = NoticeSubscription.objects.filter(kind__in=[kind.key for kind in kinds])
    own: dict[tuple[int, str], Channel] = {}
    of_roles: dict[tuple[int, str], Channel] = {}
    for row in rows:
        if row.user_id is not None:
            own[row.user_id, row.kind] = Channel(row.channel)
        elif row.role_id is not None:
            of_roles[row.role_id, row.kind] = Channel(row.channel)
    return own, of_roles


def _of_roles(user: User, kind: Kind, of_roles: Mapping[tuple[int, str], Channel]) -> Channel:
    ids = [group.role.pk for group in user.groups.all() if hasattr(group, "role")]
    said = [of_roles[role, kind.key] for role in ids if (role, kind.key) in of_roles]
    return max(said, key=lambda channel: channel.loudness, default=kind.channel)
