"""How far the undoing of an import is."""

from profiles.models import Undo


def undoing_named(import_id: int) -> Undo | None:
    """The undoing of this import; None when it was never begun. It names nobody but the member of staff."""
    return Undo.objects.filter(pk=import_id).first()
