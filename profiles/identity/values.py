"""What a value is called that was given to another person: the first holder has the plain value, later ones a label."""

from datetime import date

# Normalisers take it out of what sources send, so that no source can name a holder.
_MARK = "\u2060"
_FROM = " (from "


def value_since(value: str, day: date) -> str:
    """The value as that of the holder from this day on."""
    return f"{plain(value)}{_MARK}{_FROM}{day.isoformat()})"


def parted(value: str) -> tuple[str, str]:
    """The value as sources send it, and what its label adds to it: from when on; nothing for the first holder."""
    before, _, behind = value.partition(_MARK)
    return before, behind


def since(value: str) -> date | None:
    """From which day on this holder has it; None for the first."""
    _, label = parted(value)
    return date.fromisoformat(label[len(_FROM) : -1]) if label else None


def plain(value: str) -> str:
    """The value as sources send it, whoever has it."""
    return value.partition(_MARK)[0]
