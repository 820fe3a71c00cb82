"""A batch is resolved in attempts: what was read without a lock may have changed once the locks are held."""


class Restart(Exception):
    """Somebody else changed what this attempt relies on: undo it and begin again."""
