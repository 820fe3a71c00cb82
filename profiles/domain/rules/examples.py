"""Examples of what a change would do, in words that name kinds of identifiers and no values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from profiles.builder.closure import Closure
from profiles.enums import EvidenceState
from profiles.identity.evidence import Edge, Outcome
from profiles.identity.rules import Rules

MOST_NAMED = 4  # people of one example
_REFUSALS = {"unique": "{key} is unique", "limit": "there is a limit for {key}"}


@dataclass(frozen=True, slots=True)
class Example:
    """One thing that would happen, to these people (by row). `kind` is merge, split or review."""

    kind: str
    rows: tuple[int, ...]
    sentence: str


def merge_example(
    rows: Sequence[int], outcomes: Mapping[int, Outcome], found: Closure, rules: Rules
) -> Example:
    """These people become one."""
    link = next(
        (
            edge
            for edge, before in found.edges.values()
            if outcomes[edge.id].state is EvidenceState.ACCEPTED
            and before.state is not EvidenceState.ACCEPTED
            and not {_row(edge.a, found), _row(edge.b, found)}.isdisjoint(rows)
        ),
        None,
    )
    why = f", because a link between {_kinds(link, found, rules)} is accepted" if link else ""
    return Example("merge", tuple(rows[:MOST_NAMED]), f"{len(rows)} people become one{why}.")


def split_example(row: int, sets: Collection[int | None]) -> Example:
    """What is this person's ends in these sets; None is for what identifies nobody."""
    parts = len([each for each in sets if each is not None])
    if parts > 1:
        said = f"One person is taken apart into {parts}."
    elif parts == 1:
        said = "A person loses an identifier, which joins nobody any more."
    else:
        said = "A person is known by nothing that identifies anybody any more."
    return Example("split", (row,), said)


def review_example(edge: Edge, outcome: Outcome, found: Closure, rules: Rules) -> Example:
    """This link is refused."""
    rows = {row for end in (edge.a, edge.b) if (row := _row(end, found)) is not None}
    kind, _, key = outcome.refused_by.partition(":")
    why = _REFUSALS.get(kind, "a member of staff said so").format(key=_word(key))
    said = f"A link between {_kinds(edge, found, rules)} is refused, because {why}."
    return Example("review", tuple(sorted(rows)), said)


def _kinds(edge: Edge, found: Closure, rules: Rules) -> str:
    ends = (found.nodes[edge.a], found.nodes[edge.b])
    return " and ".join(sorted(_word(rules.by_id[node.namespace].key) for node in ends))


def _word(key: str) -> str:
    return key.replace("_", " ")


def _row(node: int, found: Closure) -> int | None:
    stored = found.stored.get(node)
    return stored.profile if stored else None
