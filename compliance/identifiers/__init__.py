"""One form for every value that identifies somebody, where such values stand, and keyed hashes of them.

Hot in the collector and the builder, which must agree on every value: what one suppresses, the other must know.
"""

from compliance.identifiers.hashing import key_fingerprint, key_for, keyed_hash, keyed_hashes, pseudonym
from compliance.identifiers.normalising import (
    MAX_LENGTH,
    NORMALISERS,
    UnknownNormaliser,
    check_normaliser,
    normalise,
    region_of,
    written,
)
from compliance.identifiers.places import Places

__all__ = [
    "MAX_LENGTH",
    "NORMALISERS",
    "Places",
    "UnknownNormaliser",
    "check_normaliser",
    "key_fingerprint",
    "key_for",
    "keyed_hash",
    "keyed_hashes",
    "normalise",
    "pseudonym",
    "region_of",
    "written",
]
