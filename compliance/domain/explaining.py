"""What somebody may do and see, and which of their roles (or scopes) it comes from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

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
from compliance.known_sources import known_sources
from compliance.models import ApiToken, DirectoryMapping, Role, User
from compliance.sources import sees_source

SUPERUSER, SCOPES = "superuser", "its scopes"
_Account = TypeVar("_Account")
EVERYTHING = Reach(frozenset(Operation), ALL_CLEAR, frozenset(), None)


class UnknownAccount(ValueError):
    """There is no such user or token."""


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
class Opened:
    """A source whose data are seen, with what gives it. The name is empty for who asks and does not see it."""

    source: int
    name: str
    given_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Origin:
    """A role that somebody has, and where from: given here, or by groups of the directory."""

    role: str
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Explained:
    """What one account may do and see, and why. Of a program there are no roles, sessions and second factor.

    Without `purposes` it is bound to none of them; `sources` None is all of them.
    """

    name: str
    is_token: bool
    is_active: bool
    reach: Reach
    operations: Sequence[Granted]
    forms: Sequence[Shown]
    purposes: Mapping[str, Sequence[str]]
    sources: Sequence[Opened] | None
    origins: Sequence[Origin]
    approvals: Collection[ApprovalKind]
    needs_second_factor: bool = False
    last_seen: datetime | None = None
    sessions: int = 0


def explain_caller(actor: Actor, *, now: datetime) -> Explained:
    """Of whoever asks. Raises UnknownAccount for a process of our own."""
    if actor.token_id is not None:
        return explain_token(actor, _known(ApiToken.objects.filter(pk=actor.token_id).first()), now=now)
    return explain_user(actor, _known(User.objects.filter(username=actor.name).first()), now=now)


def explain_user_named(actor: Actor, name: str, *, now: datetime) -> Explained:
    """Of a member of staff, as `explain_user`. Raises AccessDenied, and UnknownAccount to who may know."""
    _may_look(actor, name)
    return explain_user(actor, _known(User.objects.filter(username=name).first()), now=now)


def explain_token_numbered(actor: Actor, token_id: int, *, now: datetime) -> Explained:
    """Of a program, as `explain_token`. Raises AccessDenied, and UnknownAccount to who may know."""
    _may_look_at_token(actor, token_id)
    return explain_token(actor, _known(ApiToken.objects.filter(pk=token_id).first()), now=now)


def explain_user(actor: Actor, user: User, *, now: datetime) -> Explained:
    """Of a member of staff: for who manages users or reads the trail, and for themselves. Raises AccessDenied."""
    _may_look(actor, user.get_username())
    given = {values.name: values.reach for values in values_of(user.roles).values()}
    if user.is_superuser:
        given[SUPERUSER] = EVERYTHING
    record_read(actor, action="access.explain", target=f"user:{user.get_username()}")
    return _explained(
        actor, user.get_username(), given, is_active=user.is_active and user.is_staff, origins=_origins(user),
        needs_second_factor=needs_one(user), last_seen=user.last_login, sessions=len(open_sessions(user=user, now=now)),
    )  # fmt: skip


def explain_token(actor: Actor, token: ApiToken, *, now: datetime) -> Explained:
    """Of a program: for who makes tokens, manages users or reads the trail, and for itself. Raises AccessDenied."""
    _may_look_at_token(actor, token.pk)
    sources = None if token.sources is None else frozenset(token.sources)
    reach = Reach(token.operations, token.forms, frozenset({token.purpose} if token.purpose else ()), sources)
    if actor.token_id != token.pk:
        record_read(actor, action="access.explain", target=f"token:{token.pk}", detail={"name": token.name})
    is_active = token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
    return _explained(
        actor, token.name, {SCOPES: reach}, is_active=is_active, is_token=True, last_seen=token.last_used_at
    )


def _may_look(actor: Actor, name: str) -> None:
    if not (actor.token_id is None and actor.name == name) and not allows(actor, Operation.AUDIT_VIEW):
        require(actor, Operation.USERS_MANAGE)


def _may_look_at_token(actor: Actor, token_id: int) -> None:
    if actor.token_id != token_id and not allows(actor, Operation.TOKENS_MANAGE):
        _may_look(actor, "")


def _known(found: _Account | None) -> _Account:
    if found is None:
        raise UnknownAccount("there is no such user or token")
    return found


def _explained(
    actor: Actor, name: str, given: Mapping[str, Reach], *, is_active: bool, is_token: bool = False, origins: Sequence[Origin] = (),
    needs_second_factor: bool = False, last_seen: datetime | None = None, sessions: int = 0,
) -> Explained:  # fmt: skip
    reach = together(given.values())
    would = {} if is_token else _would_give()
    return Explained(
        name, is_token, is_active, reach,
        [
            Granted(each, [key for key, own in given.items() if each in own.operations], would.get(each, ()))
            for each in Operation
        ],
        [Shown(each, reach.forms.of(each), _deciding(given, each)) for each in Category],
        {
            each: [key for key, own in given.items() if each in own.purposes] for each in sorted(reach.purposes)
        },
        _opened(actor, given, reach.sources), origins, chosen_kinds(), needs_second_factor, last_seen, sessions,
    )  # fmt: skip


def _opened(actor: Actor, given: Mapping[str, Reach], sources: frozenset[int] | None) -> list[Opened] | None:
    if sources is None:
        return None
    names = known_sources()
    return [
        Opened(
            each, names.get(each, "") if sees_source(actor, each) else "",
            [key for key, own in given.items() if own.sources and each in own.sources],
        )
        for each in sorted(sources)
    ]  # fmt: skip


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
