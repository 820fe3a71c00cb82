"""What members of the staff decide about who is who: withdraw, split off, merge, keep apart, review.

Each call takes the actor who decides, requires `identity.decide`, does all of it in one transaction with its row of
the audit trail and what is published, and may be called inside a transaction of the caller's.
"""

from profiles.builder.reconsider import Busy
from profiles.domain.decisions.foreseeing import (
    Foreseen,
    Part,
    foresee_merge,
    foresee_split,
    foresee_withdrawal,
)
from profiles.domain.decisions.imports import withdraw_import
from profiles.domain.decisions.merging import keep_apart, merge
from profiles.domain.decisions.outcome import AlreadyDecided, Decided, Undecidable, UnknownLink, UnknownReview
from profiles.domain.decisions.reviewing import decide, undo
from profiles.domain.decisions.splitting import split_off
from profiles.domain.decisions.unmerging import withdraw

__all__ = [
    "AlreadyDecided", "Busy", "Decided", "Foreseen", "Part", "Undecidable", "UnknownLink", "UnknownReview", "decide",
    "foresee_merge", "foresee_split", "foresee_withdrawal", "keep_apart", "merge", "split_off", "undo", "withdraw", "withdraw_import",
]  # fmt: skip
