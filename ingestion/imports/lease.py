"""Who runs an import now."""

from uuid import UUID

from ingestion.domain.leases import LEASE, LeaseLost, Leases
from ingestion.models import FileImport

__all__ = ["LEASE", "LeaseLost", "release_lease", "renew_lease", "take_lease", "without_runner"]

_leases = Leases(FileImport)


def take_lease(import_id: int) -> UUID | None:
    """Become the one who runs it; None when it is not to be run, or somebody else runs it."""
    return _leases.take(import_id)


def renew_lease(import_id: int, owner: UUID) -> None:
    """Keep it while something takes long. Raises LeaseLost."""
    _leases.renew(import_id, owner)


def release_lease(import_id: int, owner: UUID) -> None:
    """Let others run it at once."""
    _leases.release(import_id, owner)


def without_runner() -> list[int]:
    """The imports of uploads that should run and that nobody runs, oldest first.

    A file that lies elsewhere is read by the command that was told of it; no worker may be able to see it.
    """
    return list(_leases.without_runner().filter(uploaded=True).values_list("pk", flat=True))
