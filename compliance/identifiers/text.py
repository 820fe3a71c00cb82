"""Text in one form: composed, without white space around it, and without what nobody can see."""

import unicodedata

# Cf: joiners, marks of direction, soft hyphens, tags. Cc: controls; those of ASCII are kept inside of values.
_UNSEEN_CATEGORIES = frozenset({"Cf", "Cc"})
# Of other categories, and shown as nothing: combining joiner, Hangul fillers, selectors of variants.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | {
    chr(code) for start, end in ((0xFE00, 0xFE10), (0xE0100, 0xE01F0)) for code in range(start, end)
}
_LAST_OF_ASCII = "\x7f"


def clean(value: str) -> str:
    """The value as one sees it. Case, letters of other scripts and inner spaces stay: they may be meant."""
    if not value.isascii():
        seen = "".join([each for each in value if each <= _LAST_OF_ASCII or not _is_unseen(each)])
        value = unicodedata.normalize("NFC", seen)
    return value.strip()


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN_CATEGORIES or character in _UNSEEN


def text(value: str) -> str | None:
    """The value as one sees it."""
    return clean(value) or None


def lower(value: str) -> str | None:
    """The value as one sees it, in lower case."""
    return clean(clean(value).lower()) or None


_LOOK_ALIKES = frozenset({"LATIN", "CYRILLIC", "GREEK"})


def mixes_scripts(value: str) -> bool:
    """Whether letters of scripts that look alike stand side by side, as a Cyrillic `\u0430` among Latin ones.

    Such a value is somebody's id as it stands: it is shown to staff, and never changed.
    """
    if value.isascii():
        return False
    scripts = {unicodedata.name(each, "").partition(" ")[0] for each in value if each.isalpha()}
    return len(scripts & _LOOK_ALIKES) > 1
