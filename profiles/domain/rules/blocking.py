"""Blocking one value: the one action that mends what a value does that a source sends for everybody."""

from datetime import datetime

from django.db import transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from profiles.domain.namespaces import UnreadableIdentifier, read_identifier
from profiles.domain.rules.applying import hold_rules, write
from profiles.domain.rules.editing import namespace_of, propose_change
from profiles.domain.rules.sight import require_sight
from profiles.domain.rules.values import MAX_VALUE, NamespaceValues, check, rule_with, values_of
from profiles.enums import ChangeState, ProposalState
from profiles.identity.values import plain
from profiles.models import BlockProposal, RuleChange, RulesVersion


class NotBlockable(ValueError):
    """The value is blocked already, or cannot be; says why."""


class NotBlocked(ValueError):
    """The value is not in the list of blocked values."""


class UnknownProposal(LookupError):
    """Nobody proposed to block this."""


def block_value(actor: Actor, namespace: str, value: str, *, now: datetime) -> int:
    """Have a value identify nobody from now on; returns the number of the change of rules.

    It holds at once for what arrives. Those whom it held together are decided anew by `applying.continue_change`,
    which somebody has to run: each device is a person of its own then, with its own facts. Needs no dry run, because
    unblocking undoes it. Raises UnknownNamespace, NotBlockable, RulesBusy, AccessDenied.
    """
    require(actor, Operation.IDENTITY_RULES)
    require_sight(actor, namespace)
    return _block(actor, namespace, value, now)


def _block(actor: Actor, namespace: str, value: str, now: datetime) -> int:
    with transaction.atomic():
        hold_rules()
        row = namespace_of(namespace)
        normal = _normal(namespace, value)
        if len(normal) > MAX_VALUE:
            raise NotBlockable(f"a blocked value has at most {MAX_VALUE} characters: block it by a pattern")
        before = values_of(row)
        if rule_with(row, before).blocks(normal):
            raise NotBlockable("the value is blocked already")
        after: NamespaceValues = {**before, "blocked_values": [*row.blocked_values, normal.lower()]}
        check(namespace, after)
        change = RuleChange.objects.create(
            namespace=row, before=before, after=after, state=ChangeState.READY, made_by=actor.name, made_at=now,
            rules_version=RulesVersion.objects.get().version,
        )  # fmt: skip
        write(actor, change, now)
    return int(change.pk)


def propose_unblocking(actor: Actor, namespace: str, value: str, *, now: datetime) -> int:
    """Propose that a value of the list of blocked values identifies people again; returns the number of the change.

    It is measured before it is applied, like any other: the value may join very many. Raises UnknownNamespace,
    NotBlocked, AccessDenied.
    """
    require(actor, Operation.IDENTITY_RULES)
    require_sight(actor, namespace)
    values = values_of(namespace_of(namespace))
    lowered = value.strip().lower()  # of the list, where a value need not have a normal form
    left = [each for each in values["blocked_values"] if each.lower() != lowered]
    if len(left) == len(values["blocked_values"]):
        raise NotBlocked(f"the value is not among the blocked values of {namespace}; a pattern may block it")
    return propose_change(actor, namespace, {**values, "blocked_values": left}, now=now)


def block_proposed(actor: Actor, identifier_id: int, *, now: datetime) -> int:
    """Block the value of a proposal, whoever has had it; who may not see it is not told it. Raises UnknownProposal and what `block_value` raises."""
    require(actor, Operation.IDENTITY_RULES)
    with transaction.atomic():
        proposal = _open_proposal(identifier_id)
        found = proposal.identifier
        change = _block(actor, found.namespace.key, plain(found.value), now)
        _decide(proposal, ProposalState.BLOCKED, actor, now)
    return change


def keep_proposed(actor: Actor, identifier_id: int, *, now: datetime) -> None:
    """Leave the value of a proposal as it is, and propose it no more. Raises UnknownProposal, AccessDenied."""
    require(actor, Operation.IDENTITY_RULES)
    with transaction.atomic():
        _decide(_open_proposal(identifier_id), ProposalState.KEPT, actor, now)
        record_change(actor, action="identity.rules.keep", target=f"identifier {identifier_id}")


def _normal(namespace: str, value: str) -> str:
    try:
        return read_identifier(f"{namespace}:{value}").value
    except UnreadableIdentifier as error:
        raise NotBlockable(f"the value cannot be one of the namespace {namespace}") from error


def _open_proposal(identifier_id: int) -> BlockProposal:
    proposals = BlockProposal.objects.select_related("identifier__namespace").select_for_update(of=("self",))
    proposal = proposals.filter(identifier_id=identifier_id, state=ProposalState.OPEN).first()
    if proposal is None:
        raise UnknownProposal("this is not proposed any more: somebody else has decided, or it is blocked")
    return proposal


def _decide(proposal: BlockProposal, state: ProposalState, actor: Actor, now: datetime) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor.name, now
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
