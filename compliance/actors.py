"""Who acts."""

from dataclasses import dataclass, replace

from compliance.enums import ActorKind, Category, Operation
from compliance.forms import Forms


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of staff, an API token or a process of our own, with what they may do and see.

    `categories` are those that they see clear; what is in none of the three is masked. An actor with a `purpose` may
    only use data that may be used for it, one with `purposes` what may be used for one of them (`compliance.consent`).
    `sources` are the ids of those whose data they may see; None is all of them.
    Of a token `token_id` is its number.
    """

    kind: ActorKind
    name: str
    operations: frozenset[Operation] = frozenset()
    categories: frozenset[Category] = frozenset()
    address: str = ""
    purpose: str = ""
    hashed: frozenset[Category] = frozenset()
    hidden: frozenset[Category] = frozenset()
    purposes: frozenset[str] = frozenset()
    sources: frozenset[int] | None = None
    token_id: int | None = None

    @property
    def forms(self) -> Forms:
        """In which form they see data of each category."""
        return Forms(self.categories, self.hashed, self.hidden)

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A process of our own, or whoever sits at the server's command line: may everything."""
        return cls(ActorKind.SYSTEM, name, frozenset(Operation), frozenset(Category))

    def at(self, address: str) -> "Actor":
        """The same actor, at this network address."""
        return replace(self, address=address)


NOBODY = Actor(ActorKind.ANONYMOUS, "anonymous")
COMMAND_LINE = Actor.system("command line")
