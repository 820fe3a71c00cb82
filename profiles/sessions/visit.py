"""A visit: the sum of the events that belong to it. It is the same in whatever order they were added."""

from profiles.sessions.points import Mark, Point

Shown = tuple[int, str]  # when a page was seen, and which
SILENT = frozenset({""})  # what most events say of purposes: nothing


class Visit:
    """`first` and `last` are the times of its first and last event, and the marks are what these say.

    `key` is the id that an SDK gave it. `is_touched` is for whoever stores it.
    """

    __slots__ = (
        "entry", "events", "exit", "first", "first_mark", "is_touched", "key", "last", "last_mark", "pages",
        "purposes",
    )  # fmt: skip

    def __init__(self, point: Point, key: str | None = None) -> None:
        time, mark, page, purposes = point
        self.first = self.last = time
        self.first_mark = self.last_mark = int(mark)
        self.events = 1
        self.pages = 0 if page is None else 1
        self.entry: Shown | None = None if page is None else (time, page)
        self.exit = self.entry
        self.purposes: frozenset[str] = frozenset((purposes,)) if purposes else SILENT
        self.key = key
        self.is_touched = True

    @property
    def is_marked_ended(self) -> bool:
        """Whether an explicit end is the last of it."""
        return self.last_mark == Mark.END

    @property
    def begins_with_end(self) -> bool:
        """Whether all that is known of it is its end."""
        return self.first_mark == Mark.END

    def add(self, point: Point) -> None:
        """Count an event that belongs to it."""
        time, mark, page, purposes = point
        if (time, mark) < (self.first, self.first_mark):
            self.first, self.first_mark = time, int(mark)
        if (time, mark) > (self.last, self.last_mark):
            self.last, self.last_mark = time, int(mark)
        self.events += 1
        if page is not None:
            self.pages += 1
            self._show((time, page), (time, page))
        if purposes not in self.purposes:
            self.purposes |= {purposes}
        self.is_touched = True

    def take(self, later: "Visit") -> None:
        """Count all of a visit that follows this one and turned out to be the same."""
        self.last, self.last_mark = later.last, later.last_mark
        self.events += later.events
        self.pages += later.pages
        if later.entry and later.exit:
            self._show(later.entry, later.exit)
        self.purposes |= later.purposes
        self.is_touched = True

    def _show(self, entry: Shown, exit_: Shown) -> None:
        self.entry = min(self.entry or entry, entry)
        self.exit = max(self.exit or exit_, exit_)
