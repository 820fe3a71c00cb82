"""What somebody should see to."""

from dataclasses import dataclass

from django.urls import reverse

from streaming.screens import registered_screens


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `tone` is bad or warn; it is mended on `screen`, shown for `place` if it needs one."""

    tone: str
    text: str
    help: str
    screen: str
    place: int | None = None

    @property
    def operation(self) -> str:
        """What opens the screen; empty when no app brings one of this name."""
        return next((each.operation for each in registered_screens() if each.name == self.screen), "")

    @property
    def href(self) -> str:
        """The address of the screen."""
        return reverse(f"admin:{self.screen}", args=[] if self.place is None else [self.place])
