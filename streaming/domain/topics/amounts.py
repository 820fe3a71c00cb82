"""Times and sizes as people write them: `14d`, `10GB`."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {"": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
NONE = "none"


def seconds_of(text: str) -> int:
    """`14d` as seconds, 0 for `none`. Raises ValueError saying what it should look like."""
    return _amount(
        text, r"(\d{1,9})([smhdw])", _SECONDS, "a number and one of s, m, h, d, w, as in 14d, or none"
    )


def bytes_of(text: str) -> int:
    """`10GB` as bytes, 0 for `none`. Raises ValueError saying what it should look like."""
    return _amount(
        text, r"(\d{1,15})(KB|MB|GB|TB|)", _BYTES, "a number and one of KB, MB, GB, TB, as in 10GB, or none"
    )


def _amount(text: str, pattern: str, units: dict[str, int], form: str) -> int:
    text = text.strip()
    if text.lower() == NONE:
        return 0
    written = text.upper() if "KB" in units else text.lower()
    match = re.fullmatch(pattern, written, re.ASCII)
    if match is None or not int(match[1]):
        raise ValueError(f"{text[:40]!r} should be {form}")
    return int(match[1]) * units[match[2]]


def duration_text(seconds: int | None) -> str:
    """Seconds as they are written."""
    return _text(seconds, _SECONDS)


def size_text(size: int | None) -> str:
    """Bytes as they are written."""
    return _text(size, _BYTES)


def _text(amount: int | None, units: dict[str, int]) -> str:
    if amount is None:
        return NONE
    # A week is said in days, as everybody does.
    unit, size = max(
        ((unit, size) for unit, size in units.items() if amount % size == 0 and unit != "w"),
        key=lambda each: each[1],
    )
    return f"{amount // size}{unit}"
