"""Who acts."""

from dataclasses import dataclass, replace

from compliance.enums import ActorKind, Category, Operation


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of staff, an API token or a process of our own, with what they may do and see.

    An actor with a `purpose` may only use data that may be used for it (`compliance.consent`).
    """

    kind: ActorKind
    name: str
    operations: frozenset[Operation] = frozenset()
    categories: frozenset[Category] = frozenset()
    address: str = ""
    purpose: str = ""

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A process of our own, or whoever sits at the server's command line: may everything."""
        return cls(ActorKind.SYSTEM, name, frozenset(Operation), frozenset(Category))

    def at(self, address: str) -> "Actor":
        """The same actor, at this network address."""
        return replace(self, address=address)


NOBODY = Actor(ActorKind.ANONYMOUS, "anonymous")
COMMAND_LINE = Actor.system("command line")
