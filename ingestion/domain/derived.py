"""What somebody else's mapping or step may make of values: it can call an e-mail address by any name, so names alone say nothing.

The same is made of the values as far as the actor may see them. What comes out otherwise holds something that is closed;
a mark or a pseudonym that comes out just as the actor would be shown the value tells nothing that they did not see.
"""

from collections.abc import Mapping
from typing import Any

from compliance.access import MASK, category_of_property, category_of_trait
from ingestion.domain.masking import Mask

DEPENDS = "what becomes of it depends on values that your role may not see"
_NOTHING = object()


def as_seen(mask: Mask, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by their names, as properties and as traits: the more closed form holds. None for what is hidden."""
    seen = mask.document(mask.document(values, category_of_property), category_of_trait)
    return {name: seen.get(name) for name in values}


def without_derived(
    mask: Mask, event: Mapping[str, Any], of_seen: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The event as the actor may see it; `of_seen` is what came of the values as they see them, if an event did."""
    shown = mask.event(event)
    return {
        key: _same(value, event.get(key), (of_seen or {}).get(key, _NOTHING)) for key, value in shown.items()
    }


def _same(shown: Any, made: Any, of_seen: Any) -> Any:
    if of_seen in (made, shown):
        return shown
    if isinstance(shown, dict):
        inner = of_seen if isinstance(of_seen, dict) else {}
        return {key: _same(value, made.get(key), inner.get(key, _NOTHING)) for key, value in shown.items()}
    return MASK
