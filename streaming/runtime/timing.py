"""How long the parts of a worker wait for each other, in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """`lease` is how long a worker may be silent before others take over.

    `grace` replaces it for a worker whose database session has ended. `batch_limit` is the hard limit of one
    attempt at a batch: it doubles with each take-over, and leases are not renewed beyond it. `patience` is how
    long a message that fails alone waits for another one to show that others succeed.
    """

    lease: float = 15.0
    beat: float = 1.0
    discovery: float = 5.0
    grace: float = 3.0
    batch_limit: float = 60.0
    first_pause: float = 0.1
    longest_pause: float = 10.0
    patience: float = 10.0
    rotation: float = 600.0

    @property
    def renewal(self) -> float:
        """How often leases are renewed."""
        return self.lease / 3
