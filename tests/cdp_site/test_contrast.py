"""Text stands out from what is behind it, in the light and in the dark theme (WCAG AA: 4.5 to 1)."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).resolve().parents[2] / "templates" / "static" / "headwater" / "headwater.css"
PAIRS = [
    *((ink, ground) for ink in ("ink", "text", "subtle") for ground in ("page", "surface", "sunken", "hover")),
    ("accent-strong", "surface"), ("accent-strong", "accent-soft"), ("on-accent", "accent"),
    *((tone, ground) for tone in ("good", "warn", "bad", "info") for ground in (f"{tone}-soft", "surface")),
]  # fmt: skip


def _colours(selector: str) -> dict[str, str]:
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", STYLES.read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--hw-([\w-]+): (#[0-9a-f]{3,6});", block[1]))


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [":root", ".dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(theme, text, ground):
    colours = _colours(theme)
    light, dark = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
