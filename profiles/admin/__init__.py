"""The screens of people: search, the page of a person, and its parts."""

from profiles.admin.screens import register_screens

register_screens()
