"""One look at one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it is."""

    GOOD = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. `remedy` says what to do, and is empty when there is nothing to do."""

    subject: str
    verdict: Verdict
    text: str
    remedy: str = ""


def good(subject: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, Verdict.GOOD, text)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """It works, and will not for ever."""
    return Finding(subject, Verdict.WARNING, text, remedy)


def wrong(subject: str, text: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(subject, Verdict.WRONG, text, remedy)
