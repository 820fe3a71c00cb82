"""Which normaliser each namespace has."""

from collections.abc import Mapping

from profiles.models import Namespace


def normalisers() -> Mapping[str, str]:
    """The normaliser of each namespace, by key."""
    return dict(Namespace.objects.values_list("key", "normaliser"))
