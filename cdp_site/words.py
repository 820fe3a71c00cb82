"""Numbers and times as people say them."""

from datetime import timedelta

_STEPS = ((60, "second", 1), (3600, "minute", 60), (86400, "hour", 3600), (86400 * 60, "day", 86400))
_MONTH = 86400 * 30.44
_YEAR = 86400 * 365.25
NONE = "—"


def relative(age: timedelta) -> str:
    """How long ago, or how soon: `just now`, `3 minutes ago`, `in 2 days`."""
    seconds = abs(age.total_seconds())
    if seconds < 5:  # noqa: PLR2004 -- nobody minds five seconds
        return "just now"
    text = _plural(*_counted(seconds))
    return f"in {text}" if age < timedelta(0) else f"{text} ago"


def _counted(seconds: float) -> tuple[int, str]:
    for limit, unit, size in _STEPS:
        if seconds < limit:
            return int(seconds // size), unit
    if seconds < 2 * _YEAR:
        return int(seconds // _MONTH), "month"
    return int(seconds // _YEAR), "year"


def _plural(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def grouped(number: float | None) -> str:
    """With thousands separators; whole where it is or where it is large."""
    if number is None:
        return NONE
    if isinstance(number, int) or number >= 100 or number == int(number):  # noqa: PLR2004 -- enough digits
        return f"{round(number):,}"
    return f"{number:,.1f}"


def short_number(number: float | None) -> str:
    """In at most five characters: 980, 1.2K, 34M."""
    if number is None:
        return NONE
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if number >= size:
            scaled = number / size
            return f"{scaled:.1f}".removesuffix(".0") + letter if scaled < 10 else f"{scaled:.0f}{letter}"  # noqa: PLR2004 -- two digits
    return grouped(number)


def duration(seconds: float | timedelta | None) -> str:
    """In the unit that fits: 240 ms, 1.8 s, 12 s, 3 min, 2 h, 5 days."""
    if seconds is None:
        return NONE
    value = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    for limit, size, digits, unit in (
        (1, 0.001, 0, "ms"), (10, 1, 1, "s"), (120, 1, 0, "s"), (7200, 60, 0, "min"), (172800, 3600, 0, "h"),
    ):  # fmt: skip
        if abs(value) < limit:
            return f"{value / size:.{digits}f} {unit}"
    return f"{value / 86400:,.0f} days"


def share_in_words(fraction: float | None) -> str:
    """Per cent, with a decimal where it tells something."""
    if fraction is None:
        return NONE
    percent = fraction * 100
    if 0 < percent < 0.1:  # noqa: PLR2004 -- one decimal would say 0.0
        return "< 0.1 %"
    return f"{percent:.0f} %" if percent in (0, 100) or 10 <= percent < 99.5 else f"{percent:.1f} %"  # noqa: PLR2004 -- three digits
