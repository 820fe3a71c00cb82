"""What somebody should see to."""

from dataclasses import dataclass

from django.urls import reverse

from streaming.screens import registered_screens


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `tone` is bad or warn; it is mended on `screen`, shown for `place` if it needs one.

    `source` is the source that the screen is to show, where it would show all of them.
    """

    tone: str
    text: str
    help: str
    screen: str
    place: int | None = None
    source: int | None = None

    @property
    def operation(self) -> str:
        """What opens the screen; empty when no app brings one of this name."""
        return next((each.operation for each in registered_screens() if each.name == self.screen), "")

    @property
    def href(self) -> str:
        """The address of the screen."""
        address = reverse(f"admin:{self.screen}", args=[] if self.place is None else [self.place])
        return address if self.source is None else f"{address}?source={self.source}"
