"""What a value is called that was given to another person: the first holder has the plain value, later ones a label."""

from datetime import date

# Normalisers take it out of what sources send, so that no source can name a holder.
_MARK = "\u2060"


def value_since(value: str, day: date) -> str:
    """The value as that of the holder from this day on."""
    return f"{plain(value)}{_MARK} (from {day.isoformat()})"


def plain(value: str) -> str:
    """The value as sources send it, whoever has it."""
    return value.partition(_MARK)[0]
