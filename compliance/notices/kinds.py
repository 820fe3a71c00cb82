"""The kinds of notices: what each is called, how much it matters, who may see it, and how it reaches them by itself."""

from collections.abc import Collection
from dataclasses import dataclass

from compliance.enums import Channel, Operation, Severity


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. Its subscribers are those who may do `operation`: they can mend it, and see the page it links to.

    Without one it is told only to those whom it is about, whatever they may do.

    A `lasting` one is a trouble that goes on until it is over; another happens at once. `channel` is how it reaches
    people for whom nobody has chosen another way.
    """

    key: str
    title: str
    severity: Severity
    operation: Operation | None
    is_lasting: bool = True
    channel: Channel = Channel.PRODUCT

    def concerns(self, operations: Collection[Operation]) -> bool:
        """Whether it may be told to somebody who may do these."""
        return self.operation is None or self.operation in operations


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known. Raises ValueError when another one has its key."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"two kinds of notices are registered as {kind.key!r}")


def kind_of(key: str) -> Kind:
    """The kind of this key. Raises ValueError naming those there are."""
    try:
        return _kinds[key]
    except KeyError:
        raise ValueError(
            f"there is no kind of notices {key!r}: register it, or use one of {sorted(_kinds)}"
        ) from None


def kind_or_plain(key: str) -> Kind:
    """The kind of this key; a plain one when this release does not know it, because another one told it."""
    return _kinds.get(key) or Kind(key, key, Severity.INFO, None, is_lasting=False)


def registered_kinds() -> tuple[Kind, ...]:
    """All of them, by title."""
    return tuple(sorted(_kinds.values(), key=lambda kind: kind.title))


_PIPELINE, _PROBLEM, _WARNING = Operation.PIPELINE_VIEW, Severity.PROBLEM, Severity.WARNING

for _kind in (
    Kind("job_finished", "A job of mine ended", Severity.INFO, None, is_lasting=False),
    Kind("source_failing", "A source cannot be read", _PROBLEM, Operation.SOURCES_VIEW),
    Kind("consumer_behind", "A consumer stands, or is about to lose records", _PROBLEM, _PIPELINE, channel=Channel.EMAIL),
    Kind("quarantine", "Events wait in quarantine", _WARNING, Operation.SOURCES_VIEW),
    Kind("dead_letters", "Messages were refused", _WARNING, _PIPELINE),
    Kind("disk_low", "A disk is nearly full", _PROBLEM, _PIPELINE, channel=Channel.EMAIL),
    Kind("log_away", "The event log cannot be used", _PROBLEM, _PIPELINE, channel=Channel.EMAIL),
    Kind("audit_anchors", "Anchors of the audit trail are not delivered", _PROBLEM, Operation.AUDIT_VIEW, channel=Channel.EMAIL),
    Kind("audit_unsealed", "The audit trail is not sealed", _PROBLEM, Operation.AUDIT_VIEW, channel=Channel.EMAIL),
    Kind("unusual_access", "Somebody's access is unusual", _WARNING, Operation.AUDIT_VIEW, is_lasting=False, channel=Channel.EMAIL),
    Kind("break_glass", "A break-glass account is used", _PROBLEM, Operation.USERS_MANAGE, channel=Channel.EMAIL),
    Kind("second_factor_reset", "My second factor was reset", _WARNING, None, is_lasting=False, channel=Channel.EMAIL),
    Kind("directory_away", "The directory cannot be read", _PROBLEM, Operation.DIRECTORY_MANAGE, channel=Channel.EMAIL),
    Kind("directory_held", "The directory's answer was not followed", _PROBLEM, Operation.DIRECTORY_MANAGE, channel=Channel.EMAIL),
    Kind("approval_waiting", "Something waits for my approval", _WARNING, Operation.APPROVALS_DECIDE, channel=Channel.EMAIL),
    Kind("approval_decided", "What I asked for was decided", Severity.INFO, None, is_lasting=False, channel=Channel.EMAIL),
    Kind("review_backlog", "Many people wait in the review queue", _WARNING, Operation.IDENTITY_DECIDE),
):  # fmt: skip
    register_kind(_kind)
