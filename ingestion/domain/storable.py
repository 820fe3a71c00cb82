"""Which JSON the database keeps and gives back as it was. More can be written: U+0000, halves of an emoji, numbers without end."""

MAX_LEVELS = 100
_MOST = 2**63 - 1


class NotStorable(ValueError):
    """It would not be kept as it is; the message says what of it, without repeating it."""


def check_storable(document: object) -> None:
    """Raises NotStorable."""
    waiting: list[tuple[object, int]] = [(document, 0)]
    while waiting:
        value, level = waiting.pop()
        if level > MAX_LEVELS:
            raise NotStorable(f"it is nested more than {MAX_LEVELS} levels deep")
        if isinstance(value, dict):
            waiting += [(each, level + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, level + 1) for each in value]
        elif isinstance(value, str):
            _check_text(value)
        elif isinstance(value, int | float) and not -_MOST <= value <= _MOST:  # no number is neither
            raise NotStorable("it holds a number beyond 64 bits, or one that is none")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise NotStorable("it holds the character U+0000, which no database keeps")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotStorable("it holds half of a character (\\ud800 to \\udfff)") from None
