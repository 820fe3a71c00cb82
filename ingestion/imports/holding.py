"""Imports wait while the collector has to slow down: what comes in live goes first (docs/adr/0034-collector-brake.md)."""

from streaming.domain.flow.pressure import pressure


def why_held() -> str:
    """What all imports wait for, in words, as of the last look; empty when they do not wait."""
    found = pressure()
    return found.sentence if found.is_felt else ""
