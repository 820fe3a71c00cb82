"""In which form data of each category are shown: what roles, tokens and actors have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from compliance.enums import Category


class Form(StrEnum):
    """How data of a category are shown, the most open form first.

    Data that are not clear can neither be searched, filtered, sorted nor counted by, for that would tell them.
    """

    CLEAR = "clear"
    HASHED = "hashed"  # a keyed pseudonym: equal values look equal, and nothing else is told
    MASKED = "masked"  # that there is a value, and nothing of it
    HIDDEN = "hidden"  # not even that there is one

    @property
    def openness(self) -> int:
        """Of several that apply the most open one holds."""
        return len(Form) - tuple(Form).index(self)


@dataclass(frozen=True, slots=True)
class Forms:
    """The form of each category; what is in none of the three is masked."""

    clear: frozenset[Category] = frozenset()
    hashed: frozenset[Category] = frozenset()
    hidden: frozenset[Category] = frozenset()

    def of(self, category: Category) -> Form:
        """The form of this category. Of several that a row names the most closed one holds."""
        if category in self.hidden:
            return Form.HIDDEN
        if category in self.clear and category not in self.hashed:
            return Form.CLEAR
        return Form.HASHED if category in self.hashed else Form.MASKED

    def covers(self, other: "Forms") -> bool:
        """Whether each category is at least as open here as it is there."""
        return all(self.of(each).openness >= other.of(each).openness for each in Category)

    def beyond(self, other: "Forms") -> list[Category]:
        """The categories that are more open there than here."""
        return [each for each in Category if other.of(each).openness > self.of(each).openness]


ALL_CLEAR = Forms(clear=frozenset(Category))


def most_open(several: Iterable[Forms]) -> Forms:
    """What somebody sees who has all of these: of each category the most open form. Everything is masked without any."""
    given = list(several)
    if not given:
        return Forms()
    best = {
        each: max((forms.of(each) for forms in given), key=lambda form: form.openness) for each in Category
    }
    return Forms(*(_with(best, form) for form in (Form.CLEAR, Form.HASHED, Form.HIDDEN)))


def _with(forms: dict[Category, Form], wanted: Form) -> frozenset[Category]:
    return frozenset(category for category, form in forms.items() if form is wanted)
