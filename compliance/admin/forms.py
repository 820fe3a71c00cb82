"""How data of each category are shown: a row of buttons for each, with how a value would look."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from compliance.access import shown_as
from compliance.domain.roles.values import forms_of
from compliance.enums import Category
from compliance.forms import Form, Forms
from compliance.wording import CATEGORIES, EXAMPLES, FORMS

NAMES = {Form.CLEAR: "Clear", Form.HASHED: "Pseudonym", Form.MASKED: "Masked", Form.HIDDEN: "Hidden"}


def looks(form: Form, category: Category) -> str:
    """How a value of this category looks in this form."""
    return shown_as(form, EXAMPLES[category]) or "not there at all"


def form_rows(chosen: Forms) -> list[dict[str, Any]]:
    """The rows of a form, each with what is chosen."""
    return [
        {
            "key": category.value,
            "name": words.partition(":")[0],
            "what": words.partition(": ")[2],
            "choices": [
                {"value": form.value, "name": NAMES[form], "looks": looks(form, category), "chosen": chosen.of(category) is form}
                for form in Form
            ],
        }
        for category, words in CATEGORIES.items()
    ]  # fmt: skip


def posted_forms(given: QueryDict) -> Forms:
    """What was chosen in such a form; a category without a choice is masked."""
    chosen: Mapping[str, str] = {each.value: given.get(f"form-{each.value}", "") for each in Category}
    return forms_of(chosen)


def form_words(forms: Forms) -> list[tuple[str, str]]:
    """Each category with its form: (name, in words)."""
    return [(words.partition(":")[0], FORMS[forms.of(category)]) for category, words in CATEGORIES.items()]
