"""Names of files for a sentence: the first few, and of all others how many there are."""

from typing import Self

SHOWN_NAMES = 3


class Names:
    """Takes as little room for a million as for three."""

    def __init__(self) -> None:
        self.first: list[str] = []
        self.count = 0

    def add(self, name: str) -> Self:
        """One more."""
        if len(self.first) < SHOWN_NAMES:
            self.first.append(name)
        self.count += 1
        return self

    def add_all(self, others: "Names") -> Self:
        """Those of others."""
        for name in others.first:
            self.add(name)
        self.count += others.count - len(others.first)
        return self

    def __str__(self) -> str:
        """Them in a sentence."""
        shown, more = ", ".join(self.first), self.count - len(self.first)
        return f"{shown} and {more:,} more" if more else shown
