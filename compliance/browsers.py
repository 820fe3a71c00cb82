"""What a browser calls itself, in plain words: enough to know one's own again, and no more."""

import re

# The first that fits: most browsers also claim to be those that come after them here.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/|\bOpera\b")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\bFirefox/|\bFxiOS/")),
    ("Chrome", re.compile(r"\bChrom(?:e|ium)/|\bHeadlessChrome/|\bCriOS/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Linux", re.compile(r"\bLinux\b|\bX11\b")),
)
_MOST = 500


def browser_in_words(user_agent: str) -> str:
    """Such as "Firefox on Windows"; of what says nothing known "an unknown browser"."""
    said = user_agent[:_MOST]
    browser = _first(_BROWSERS, said) or "an unknown browser"
    system = _first(_SYSTEMS, said)
    return f"{browser} on {system}" if system else browser


def _first(known: tuple[tuple[str, re.Pattern[str]], ...], said: str) -> str:
    return next((name for name, pattern in known if pattern.search(said)), "")
