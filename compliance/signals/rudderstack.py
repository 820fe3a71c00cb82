"""RudderStack's form: `context.consentManagement` with `allowedConsentIds` and `deniedConsentIds`.

Its `resolutionStrategy` says how destinations combine ids. Here each id speaks for itself, and a refusal counts more.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def categories(context: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What is said of each id; an id of neither list says nothing."""
    said = context.get("consentManagement")
    if not isinstance(said, dict):
        return
    for field, granted in (("allowedConsentIds", True), ("deniedConsentIds", False)):
        ids = said.get(field)
        if isinstance(ids, list):
            yield from ((each, granted) for each in ids if isinstance(each, str))
