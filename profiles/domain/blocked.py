"""Which values of which namespace identify nobody."""

from collections.abc import Callable

from profiles.domain.namespaces import rules


def unusable() -> Callable[[str, str], bool]:
    """Whether a value, in the normal form of its namespace, is blocked by the rules of now."""
    by_key = rules().by_key

    def blocked(namespace: str, normal: str) -> bool:
        rule = by_key.get(namespace)
        return rule is not None and rule.blocks(normal)

    return blocked
