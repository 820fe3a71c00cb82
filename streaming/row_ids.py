"""Numbers of rows as others give them: in an address, a form or JSON."""

MOST_ID = 2**63 - 1  # that a column has room for
_DIGITS = len(str(MOST_ID))


def row_id(text: str | None) -> int | None:
    """The number that the text writes; None when it is none that a row can have."""
    if not text or len(text) > _DIGITS or not (text.isascii() and text.isdecimal()):
        return None
    number = int(text)
    return number if number <= MOST_ID else None


def is_row_id(value: object) -> bool:
    """Whether a value of JSON is the number of a row."""
    return type(value) is int and 1 <= value <= MOST_ID
