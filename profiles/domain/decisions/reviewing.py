"""Working off the review queue: what rules refused, or a text only mentions, a person decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from compliance.access import Actor
from profiles.domain.decisions import evidence
from profiles.domain.decisions.deciding import Deciding, decided
from profiles.domain.decisions.evidence import StoredLink
from profiles.domain.decisions.merging import are_apart, join, part
from profiles.domain.decisions.outcome import AlreadyDecided, Decided, UnknownReview
from profiles.enums import EvidenceState, ReviewDecision
from profiles.models import Evidence, Review

LATER_IS = timedelta(days=7)
MOST_NOTE = 500  # characters
KEPT_APART = "keep_apart"  # refused because somebody said so: decided already
_WORDS = {
    ReviewDecision.MERGED: "merged them",
    ReviewDecision.APART: "keeps them apart",
    ReviewDecision.LATER: "put them off",
}


def decide(
    actor: Actor,
    review_id: int,
    decision: ReviewDecision,
    *,
    until: datetime | None = None,
    note: str = "",
    now: datetime,
) -> Decided:
    """Decide on the two people of a link (by the id of its evidence), and so on all open links between them.

    LATER puts them off `until` then, a week by default. Raises AlreadyDecided when somebody was faster or the two are
    one by now, UnknownReview, Undecidable, AccessDenied, Busy.
    """

    def work(deciding: Deciding) -> Decided:
        return _decide(deciding, review_id, decision, until or now + LATER_IS)

    return decided(actor, work, why=note[:MOST_NOTE], now=now)


def _decide(deciding: Deciding, review_id: int, decision: ReviewDecision, until: datetime) -> Decided:
    a, b = _lock(deciding, review_id)
    links = [link for link in evidence.links_of_two(a, b) if is_open(link)]
    made: int | None = None
    if decision is ReviewDecision.MERGED:
        made, outcome = join(deciding, a, b)
    elif decision is ReviewDecision.APART and not are_apart(a, b):
        made, outcome = part(deciding, a, b)
    else:
        outcome = deciding.outcome([end for link in links for end in link.pair])
        deciding.record(
            "identity.review_closed", target=f"evidence:{review_id}", detail={"decision": decision}
        )
    _keep(deciding, links, decision, made, until if decision is ReviewDecision.LATER else None)
    return outcome


def _lock(deciding: Deciding, review_id: int) -> tuple[int, int]:
    """The two people of the link, locked. Raises UnknownReview, AlreadyDecided."""
    deciding.lock(_link(review_id).rows)
    link = _link(review_id)
    deciding.check(link.rows)
    former = Review.objects.filter(pk=review_id).exclude(decision=ReviewDecision.LATER).first()
    if former is not None:
        words = _WORDS[ReviewDecision(former.decision)]
        raise AlreadyDecided(
            f"{former.by} {words} on {former.at:%d %B %Y at %H:%M} UTC: nothing was changed."
        )
    if not is_open(link):
        raise AlreadyDecided(
            "The two are no longer for review, because things changed meanwhile: nothing was changed."
        )
    a, b = sorted(link.rows)
    return a, b


def _link(review_id: int) -> StoredLink:
    found = evidence.links_numbered([review_id])
    if not found:
        raise UnknownReview
    return found[0]


def is_open(link: StoredLink) -> bool:
    """Whether somebody may decide on it: refused by a rule, or only proposed, between two people."""
    waits = link.state is EvidenceState.PROPOSED or (
        link.state is EvidenceState.REFUSED and link.refused_by != KEPT_APART
    )
    return waits and len(link.rows) == 2  # noqa: PLR2004 -- two people


def _keep(
    deciding: Deciding,
    links: Sequence[StoredLink],
    decision: ReviewDecision,
    made: int | None,
    until: datetime | None,
) -> None:
    rows = [
        Review(
            evidence_id=link.id, decision=decision, until=until, by=deciding.actor.name, at=deciding.now,
            note=deciding.why, decision_id=made,
        )
        for link in links
    ]  # fmt: skip
    Review.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["evidence"],
        update_fields=["decision", "until", "by", "at", "note", "decision_id"],
    )


def undo(actor: Actor, review_id: int, *, now: datetime) -> Decided:
    """Take back what was decided on this link: it waits for review again, as before.

    Raises UnknownReview, AlreadyDecided when that was taken back or withdrawn before, AccessDenied, Busy.
    """
    return decided(actor, lambda deciding: _undo(deciding, review_id), why="taken back", now=now)


def _undo(deciding: Deciding, review_id: int) -> Decided:
    deciding.lock(_link(review_id).rows)
    link = _link(review_id)
    deciding.check(link.rows)
    review = Review.objects.filter(pk=review_id).first()
    if review is None:
        raise AlreadyDecided("This was taken back already: it waits for review again.")
    ends = {*link.pair}
    if review.decision_id is not None:
        (made,) = evidence.links_numbered([review.decision_id])
        if made.is_withdrawn:
            raise AlreadyDecided("The decision was withdrawn already, on the page of the person.")
        ends |= {*made.pair, *_restore_what_it_voided(review, link.rows)}
        deciding.void([made])
        deciding.reconsider(ends)
    Review.objects.filter(by=review.by, at=review.at, decision_id=review.decision_id).delete()
    outcome = deciding.outcome(link.pair)
    deciding.record("identity.review_undone", target=f"evidence:{review_id}", detail={"was": review.decision})
    return outcome


def _restore_what_it_voided(review: Review, rows: set[int]) -> set[int]:
    """Let earlier decisions that this one contradicted count again; returns their ends."""
    about = {link.id: link for link in evidence.decisions_of(rows) if link.is_withdrawn}
    voided = Evidence.objects.filter(id__in=about, withdrawn_by=review.by, withdrawn_at=review.at)
    ids = list(voided.values_list("id", flat=True))
    evidence.restore(ids)
    return {end for each in ids for end in about[each].pair}
