"""A batch is resolved in attempts: what was read without a lock may have changed once the locks are held."""

from collections.abc import Collection

from profiles.identity.evidence import Identifier


class Restart(Exception):
    """Somebody else changed what this attempt relies on: undo it and begin again."""


class Widen(Restart):
    """More has to be decided together with an identifier than was locked: undo it and begin again with all of that.

    `rows` and `clusters` are of people, `ids` are identifiers that nobody has. `is_too_much` says that all of that is
    more than is decided while others wait.
    """

    def __init__(
        self,
        identifier: Identifier,
        rows: Collection[int] = (),
        clusters: Collection[int] = (),
        ids: Collection[int] = (),
        *,
        is_too_much: bool = False,
    ) -> None:
        super().__init__(identifier)
        self.identifier = identifier
        self.rows = frozenset(rows)
        self.clusters = frozenset(clusters)
        self.ids = frozenset(ids)
        self.is_too_much = is_too_much

    def with_all_of(self, other: "Widen | None") -> "Widen":
        """Both of them."""
        if other is None:
            return self
        return Widen(
            self.identifier,
            self.rows | other.rows,
            self.clusters | other.clusters,
            self.ids | other.ids,
            is_too_much=self.is_too_much or other.is_too_much,
        )
