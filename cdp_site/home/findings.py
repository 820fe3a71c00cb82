"""What somebody should see to."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `tone` is bad or warn; `href` is where it is mended."""

    tone: str
    text: str
    help: str
    href: str


def address(name: str, *args: object) -> str:
    """The address of a screen; empty when the installation has none of this name."""
    try:
        return reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
