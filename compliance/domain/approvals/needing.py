"""Whether something takes a second person: asked where it is done, whoever calls that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from compliance.actors import Actor
from compliance.domain.approvals.kinds import CHOSEN, ApprovalKind
from compliance.enums import ActorKind
from compliance.identifiers import keyed_hash
from compliance.models import ApprovalPolicy


@dataclass(frozen=True, slots=True)
class Wish:
    """Exactly what is to be done: `target` says it in words, `link` is where the asker goes on once it is approved."""

    kind: ApprovalKind
    target: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


class ApprovalNeeded(Exception):
    """This takes a second person: ask for it."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(
            f"{wish.target} takes a second person: ask for it, with a reason, and somebody who approves decides"
        )
        self.wish = wish


def chosen_kinds() -> frozenset[ApprovalKind]:
    """For what a second person is asked."""
    row = ApprovalPolicy.objects.filter(pk=1).first()
    return frozenset(each for each in CHOSEN if row is not None and each in row.kinds)


def takes_approval(kind: ApprovalKind, by: Actor) -> bool:
    """Whether this takes a second person. Whoever sits at the server's command line could change that anyway."""
    if by.kind is ActorKind.SYSTEM:
        return False
    chosen = chosen_kinds()
    return bool(chosen) if kind is ApprovalKind.POLICY else kind in chosen


def digest_of(wish: Wish, asker: str) -> str:
    """Seals what is asked for, and by whom, with a key that is not in the database."""
    told = orjson.dumps([wish.kind, wish.payload, asker], option=orjson.OPT_SORT_KEYS)
    return keyed_hash("approval", told.decode()).hex()


def asker_of(actor: Actor) -> str:
    """The account that asks: names of tokens are not their own, so the number counts."""
    return f"{actor.kind}:{actor.name if actor.token_id is None else actor.token_id}"
