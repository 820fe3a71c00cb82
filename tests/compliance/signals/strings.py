"""TC strings for tests: written by the layout of the specification, and broken where a test says so."""

from base64 import urlsafe_b64encode
from collections.abc import Collection
from datetime import UTC, datetime

MADE = datetime(2025, 6, 3, tzinfo=UTC)
DISCLOSED = "IDKQA4AAgAKAGQAygAAA"  # the segment of disclosed vendors of the specification's example


def tc_string(
    consents: Collection[int] = (),
    interests: Collection[int] = (),
    features: Collection[int] = (),
    *,
    made: datetime = MADE,
    updated: datetime | None = None,
    policy: int = 4,
    is_of_one_site: bool = True,
    vendors: str = "0" * 17,
    version: int = 2,
    segments: str = "",
) -> str:
    """One with these numbers granted; `vendors` is one section of vendors in bits, such as an empty one."""
    bits = "".join(
        (
            f"{version:06b}", _time(made), _time(updated or made), f"{27:012b}{0:012b}{0:06b}", f"{4:06b}{13:06b}",
            f"{15:012b}{policy:06b}{is_of_one_site:b}0", _flags(features, 12), _flags(consents, 24), _flags(interests, 24),
            f"0{0:06b}{0:06b}", vendors, vendors, f"{0:012b}",
        )
    )  # fmt: skip
    return encoded(bits) + segments


def encoded(bits: str) -> str:
    """The bits as a segment: filled up with zeros to whole letters."""
    whole = bits + "0" * (-len(bits) % 24)
    text = urlsafe_b64encode(int(whole, 2).to_bytes(len(whole) // 8)).decode()
    return text[: -(-len(bits) // 6)]


def _time(at: datetime) -> str:
    return f"{int(at.timestamp() * 10):036b}"


def _flags(numbers: Collection[int], size: int) -> str:
    return "".join("1" if number in numbers else "0" for number in range(1, size + 1))
