"""The key of the hashes of identifiers: still the one with which people were suppressed."""

from cdp_site.doctor.finding import Finding, good, wrong
from compliance.suppression import of_other_keys

SUBJECT = "identifier key"


def check_identifier_key() -> Finding:
    """Whether every suppression can be recognised. The tables must be there."""
    lost = of_other_keys()
    if lost:
        return wrong(
            SUBJECT, f"{lost} suppressions were made with another key, so these people are not recognised",
            "Bring back keys/identifiers of HEADWATER_HOME (or IDENTIFIER_KEY) as it was on the first host, on every host.",
        )  # fmt: skip
    return good(SUBJECT, "every suppression can be recognised")
