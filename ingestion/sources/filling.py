"""What a person filled into the fields of a kind, checked as far as any kind's can be."""

from collections.abc import Mapping, Sequence

from ingestion.sources.contract import FormField

MAX_SETTING = 500
MAX_LONG = 4000


def longest(field: FormField) -> int:
    """How many characters the field takes."""
    return MAX_LONG if field.is_long else MAX_SETTING


def filled(fields: Sequence[FormField], typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The settings, empty where nothing is asked for, and what is wrong by field."""
    settings = {field.name: _value(field, typed) for field in fields}
    for field in fields:
        if not field.is_asked(settings):
            settings[field.name] = ""
    asked = [field for field in fields if field.is_asked(settings)]
    problems = {field.name: _problem(field, settings[field.name]) for field in asked}
    return settings, {name: problem for name, problem in problems.items() if problem}


def _value(field: FormField, typed: Mapping[str, str]) -> str:
    value = typed.get(field.name, "") or field.default
    return value if field.is_secret else value.strip()


def _problem(field: FormField, value: str) -> str:
    if field.is_required and not value:
        return f"{field.label} is needed."
    if len(value) > longest(field) or "\0" in value:
        return f"{field.label} has at most {longest(field):,} characters."
    if field.choices and value and value not in dict(field.choices):
        return f"Choose one of the values of {field.label}."
    return ""
