"""Words of the screens of people."""

from django import template

from profiles.admin.faces import words_of

register = template.Library()


@register.filter
def in_words(key: str) -> str:
    """The key of a namespace or a trait as people read it."""
    return words_of(key)
