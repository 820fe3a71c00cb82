"""Why people change: events, or what somebody did to evidence and rules."""

from typing import NamedTuple

from profiles.enums import CauseKind


class Cause(NamedTuple):
    """What brings changes about: `by` whom, `why` in the words of a person, and the `change` of the rules behind it."""

    kind: CauseKind
    by: str = ""
    why: str = ""
    change: int | None = None

    @property
    def columns(self) -> tuple[str, int | None, str]:
        """As the rows of merges and splits keep it: kind, change, by whom."""
        return self.kind.value, self.change, self.by


OF_EVENTS = Cause(CauseKind.EVENT)
