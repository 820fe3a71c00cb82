"""What one actor may see of values, the one place that decides in which form each is shown."""

from typing import Any

from compliance.access import MASK, form_of, shown_as
from compliance.actors import Actor
from compliance.enums import Category
from compliance.forms import Form
from compliance.sources import sees_all_sources, sees_source


class Mask:
    """The forms of one actor. Collects in `seen` the categories of what it let through, pseudonyms too."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._forms = {category: form_of(actor, category) for category in Category}
        self.seen: set[Category] = set()

    def form(self, category: Category) -> Form:
        """In which form data of this category are shown; what shows anything counts as seen."""
        form = self._forms[category]
        if form in (Form.CLEAR, Form.HASHED):
            self.seen.add(category)
        return form

    def hides(self, category: Category) -> bool:
        """Whether data of this category are anything but clear; what is clear counts as seen."""
        if self._forms[category] is not Form.CLEAR:
            return True
        self.seen.add(category)
        return False

    @property
    def sees_all_sources(self) -> bool:
        """Whether no source is closed to the actor."""
        return sees_all_sources(self.actor)

    def sees_source(self, source_id: int) -> bool:
        """Whether the actor may see what came from this source."""
        return sees_source(self.actor, source_id)

    @property
    def omits_nothing(self) -> bool:
        """Whether data of no category are hidden."""
        return Form.HIDDEN not in self._forms.values()

    @property
    def hashes_nothing(self) -> bool:
        """Whether data of no category are shown as pseudonyms."""
        return Form.HASHED not in self._forms.values()

    def shows(self, category: Category) -> bool:
        """Whether data of this category are shown, be it as pseudonyms; then they count as seen."""
        return self.form(category) in (Form.CLEAR, Form.HASHED)

    def omits(self, category: Category) -> bool:
        """Whether not even that there are data of this category is told."""
        return self._forms[category] is Form.HIDDEN

    def name(self, category: Category, value: str) -> str:
        """What to call something in a list that tells of it anyway: the value, its pseudonym, or a mark."""
        return self.value(category, value) or MASK

    def cell(self, category: Category, value: str) -> str:
        """What stands in a cell of a table: the value, its pseudonym, a mark, or nothing as for an empty one."""
        return value and (shown_as(self.form(category), value) or "")

    def value(self, category: Category, value: Any) -> Any:
        """The value, or its pseudonym; None where it is masked or hidden, as for no value."""
        return shown_as(self._forms[category], value) if self.shows(category) else None
