"""Under which ids the audit trail keeps rows about a person."""

from collections.abc import Sequence

from compliance.access import Actor, category_of_namespace, masked
from profiles.domain.namespaces import readings
from profiles.domain.queries.permission import Admission
from profiles.domain.queries.search import exact
from profiles.models import Anchor, Identifier

MOST = 500  # of a person; who has more devices than that is found by the first of them
MOST_NAMED = 200
# Looks at items of which nobody looked up whose they are stand under these.
_OF_ITEMS = ("user_id", "anonymous_id")


def subject_ids(actor: Actor, text: str) -> list[str]:
    """All ids that were ever given to whoever has the text as an id or identifier, and identifiers as they are written.

    What the actor may not see finds nobody, so that a search never tells it. It asks and records nothing: whoever
    reads the trail does.
    """
    rows = exact(Admission(actor), text)
    ids = Anchor.objects.filter(profile_id__in=rows).order_by("id").values_list("birth_id", flat=True)
    written = [
        f"{key}:{value}"
        for key, _, value in readings(text)
        if ":" in text and not masked(actor, category_of_namespace(key))
    ]
    return [*map(str, ids[:MOST]), *_identifiers(actor, rows), *written]


def _identifiers(actor: Actor, rows: Sequence[int]) -> list[str]:
    seen = [key for key in _OF_ITEMS if not masked(actor, category_of_namespace(key))]
    held = Identifier.objects.filter(profile_id__in=rows, namespace__key__in=seen).order_by("-id")
    return [f"{key}:{value}" for key, value in held.values_list("namespace__key", "value")[:MOST_NAMED]]
