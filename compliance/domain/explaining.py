"""What somebody may do and see, and which of their roles (or scopes) it comes from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from compliance.access import allows, require
from compliance.actors import Actor
from compliance.audit import record_read
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import chosen_kinds
from compliance.domain.roles.values import Reach, together, values_of
from compliance.domain.second_factors import needs_one
from compliance.domain.sessions import open_sessions
from compliance.enums import Category, Operation
from compliance.forms import ALL_CLEAR, Form
from compliance.models import ApiToken, DirectoryMapping, Role, User

SUPERUSER, SCOPES = "superuser", "its scopes"
EVERYTHING = Reach(frozenset(Operation), ALL_CLEAR, frozenset(), None)


@dataclass(frozen=True, slots=True)
class Granted:
    """An operation with what gives it; where nothing does, which roles would."""

    operation: Operation
    given_by: Sequence[str]
    would_give: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The form of a category, with what decides it."""

    category: Category
    form: Form
    decided_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Origin:
    """A role that somebody has, and where from: given here, or by groups of the directory."""

    role: str
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Explained:
    """What one account may do and see, and why. Of a program there are no roles, sessions and second factor."""

    name: str
    is_token: bool
    is_active: bool
    reach: Reach
    operations: Sequence[Granted]
    forms: Sequence[Shown]
    purposes: Mapping[str, Sequence[str]]
    origins: Sequence[Origin]
    approvals: Collection[ApprovalKind]
    needs_second_factor: bool = False
    last_seen: datetime | None = None
    sessions: int = 0


def explain_user(actor: Actor, user: User, *, now: datetime) -> Explained:
    """Of a member of staff: for who manages users or reads the trail, and for themselves. Raises AccessDenied."""
    _may_look(actor, user.get_username())
    given = {values.name: values.reach for values in values_of(user.roles).values()}
    if user.is_superuser:
        given[SUPERUSER] = EVERYTHING
    record_read(actor, action="access.explain", target=f"user:{user.get_username()}")
    return _explained(
        user.get_username(), given, is_active=user.is_active and user.is_staff, origins=_origins(user),
        needs_second_factor=needs_one(user), last_seen=user.last_login, sessions=len(open_sessions(user=user, now=now)),
    )  # fmt: skip


def explain_token(actor: Actor, token: ApiToken, *, now: datetime) -> Explained:
    """Of a program: for who makes tokens, manages users or reads the trail. Raises AccessDenied."""
    if not allows(actor, Operation.TOKENS_MANAGE):
        _may_look(actor, "")
    sources = None if token.sources is None else frozenset(token.sources)
    reach = Reach(token.operations, token.forms, frozenset({token.purpose} if token.purpose else ()), sources)
    record_read(actor, action="access.explain", target=f"token:{token.pk}", detail={"name": token.name})
    is_active = token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
    return _explained(
        token.name, {SCOPES: reach}, is_active=is_active, is_token=True, last_seen=token.last_used_at
    )


def _may_look(actor: Actor, name: str) -> None:
    if not (actor.token_id is None and actor.name == name) and not allows(actor, Operation.AUDIT_VIEW):
        require(actor, Operation.USERS_MANAGE)


def _explained(
    name: str, given: Mapping[str, Reach], *, is_active: bool, is_token: bool = False, origins: Sequence[Origin] = (),
    needs_second_factor: bool = False, last_seen: datetime | None = None, sessions: int = 0,
) -> Explained:  # fmt: skip
    reach = together(given.values())
    would = _would_give()
    return Explained(
        name, is_token, is_active, reach,
        [
            Granted(each, [key for key, own in given.items() if each in own.operations], would[each])
            for each in Operation
        ],
        [Shown(each, reach.forms.of(each), _deciding(given, each)) for each in Category],
        {
            each: [key for key, own in given.items() if each in own.purposes] for each in sorted(reach.purposes)
        },
        origins, chosen_kinds(), needs_second_factor, last_seen, sessions,
    )  # fmt: skip


def _deciding(given: Mapping[str, Reach], category: Category) -> list[str]:
    """Those of the roles that give the most open form of the category."""
    best = max((own.forms.of(category).openness for own in given.values()), default=0)
    return [key for key, own in given.items() if own.forms.of(category).openness == best]


def _would_give() -> dict[Operation, list[str]]:
    """Which roles allow each operation."""
    roles = Role.objects.order_by("group__name").values_list("group__name", "operations")
    known = list(roles)
    return {each: [name for name, operations in known if each in operations] for each in Operation}


def _origins(user: User) -> list[Origin]:
    rows = DirectoryMapping.objects.filter(role__in=user.roles).values_list("role", "group")
    groups: dict[int, list[str]] = {}
    for role, group in rows if hasattr(user, "directory_account") else ():
        groups.setdefault(role, []).append(group)
    return [Origin(role.group.name, groups.get(role.pk, ())) for role in user.roles]
