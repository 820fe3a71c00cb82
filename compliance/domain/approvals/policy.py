"""What takes a second person: chosen by who changes roles. Once anything does, changing that takes one too."""

from collections.abc import Collection

from django.db import transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.approvals.asking import ApprovalError
from compliance.domain.approvals.kinds import CHOSEN, WORDS, ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, Wish, chosen_kinds, takes_approval
from compliance.domain.approvals.telling import others_who_decide
from compliance.enums import Operation
from compliance.models import ApprovalPolicy


def set_policy(kinds: Collection[str], *, by: Actor) -> bool:
    """Have these take a second person; False when they do already. Raises ApprovalNeeded, ApprovalError, AccessDenied."""
    require(by, Operation.ROLES_MANAGE)
    before, wanted = sorted(chosen_kinds()), sorted(each for each in CHOSEN if each in kinds)
    if before == wanted:
        return False
    if takes_approval(ApprovalKind.POLICY, by):
        raise ApprovalNeeded(
            Wish(
                ApprovalKind.POLICY,
                f"What takes a second person: {_words(wanted)}",
                {"kinds": wanted, "before": before},
            )
        )
    if wanted and not others_who_decide(by.name):
        raise ApprovalError(
            "nobody but you may approve: give somebody else a role that may approve what takes a second person first"
        )
    return apply_policy(wanted, before=before, by=by)


def apply_policy(
    kinds: Collection[str], *, before: Collection[str], by: Actor, approved_by: str = ""
) -> bool:
    """Have these take a second person if `before` still do; False when others do by now. Raises AccessDenied."""
    require(by, Operation.ROLES_MANAGE)
    with transaction.atomic():
        ApprovalPolicy.objects.get_or_create(pk=1)
        row = ApprovalPolicy.objects.select_for_update().get(pk=1)
        if sorted(chosen_kinds()) != sorted(before):
            return False
        row.kinds = sorted(kinds)
        row.save(update_fields=["kinds"])
        detail = {
            "before": _words(before),
            "after": _words(kinds),
            **({"approved_by": approved_by} if approved_by else {}),
        }
        record_change(by, action="approval.policy", target="", detail=detail)
    return True


def _words(kinds: Collection[str]) -> str:
    return "; ".join(words for kind, words in WORDS.items() if kind in kinds) or "nothing"
