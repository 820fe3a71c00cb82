"""What consent tools say in an event, one file per form; docs/guides/consent.md lists where each is looked for.

Granted gives, denied withdraws, what is absent says nothing. Nothing here fails, whatever a source sent, and what cannot be
read never counts as consent. What a name means is for a purpose's own names, or for what a source maps (`mapping`).
"""

from compliance.signals.mapping import Meaning, Meanings, Signal, signals, understood
from compliance.signals.names import SPOKEN_IN, named_consents, proof_of

__all__ = [
    "SPOKEN_IN",
    "Meaning",
    "Meanings",
    "Signal",
    "named_consents",
    "proof_of",
    "signals",
    "understood",
]
