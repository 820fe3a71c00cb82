"""Django apps that other installed distributions bring, by entry points of the group `headwater.apps`."""

from importlib.metadata import entry_points

ENTRY_POINT_GROUP = "headwater.apps"


def brought_apps() -> list[str]:
    """The apps as INSTALLED_APPS has them, by name; none of them is imported here."""
    return sorted({each.value for each in entry_points(group=ENTRY_POINT_GROUP)})
