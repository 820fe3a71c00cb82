"""Whoever shows personal data on somebody's behalf asks a mask what of it, and asks which sources they may see.

What entry points use is followed, as in test_reads; what shows nothing of anybody stands here by its reason.
"""

from collections.abc import Collection

from tests.architecture.source_tree import entry_modules, reach
from tests.architecture.test_reads import DECIDER, LOOK, PAYLOADS, TELLS_NOBODY, touched, used_by

_ALL_OR_NOTHING = {
    PAYLOADS,
    LOOK,
    DECIDER,
    "compliance.payloads.sees_everything",
    "compliance.payloads.require_payloads",
}
MASKS = _ALL_OR_NOTHING | {
    "compliance.masking.Mask", "profiles.domain.queries.masking.Mask", "ingestion.domain.masking.Mask",
    "compliance.access.masked",
}  # fmt: skip
SOURCES = _ALL_OR_NOTHING | {
    f"compliance.sources.{name}"
    for name in (
        "of_sources",
        "sees_source",
        "source_ids",
        "sees_all_sources",
        "require_all_sources",
        "seen_of",
    )
}
_DECIDES = "decides, and answers no more than that it did"
_HASHES = "hashes of suppressed identifiers, with what staff wrote"
_RULES = "rules and what staff decided on them"
_ITS_PAGE = "its address is of a source, and is answered by that (ingestion.domain.reach)"
SHOW_NO_VALUE: dict[str, str] = {
    "cdp_site.reconciliation.jobs.perform": "does a job that was asked for and recorded when it was started",
    "cdp_site.reconciliation.queries.findings": "message ids, for who sees all sources",
    "compliance.domain.access_watch.set_rules": "settings",
    "compliance.domain.listing.suppressed": _HASHES,
    "compliance.domain.suppressing.lift_together": _HASHES,
    "compliance.suppression.lift": _HASHES,
    "ingestion.domain.catalogue.deciding.accept_proposals": _DECIDES,
    "ingestion.domain.catalogue.deciding.classify": _DECIDES,
    "ingestion.domain.quarantine.deciding.cancel_resend": _DECIDES,
    "ingestion.domain.quarantine.deciding.discard": _DECIDES,
    "ingestion.domain.quarantine.deciding.start_resend": _DECIDES,
    "ingestion.imports.rehearsing.rehearse_import": "its port asks: profiles.domain.rehearsing",
    "profiles.domain.decisions.merging.keep_apart": _DECIDES,
    "profiles.domain.decisions.merging.merge": _DECIDES,
    "profiles.domain.decisions.reviewing.decide": _DECIDES,
    "profiles.domain.decisions.reviewing.undo": _DECIDES,
    "profiles.domain.decisions.unmerging.withdraw": _DECIDES,
    "profiles.domain.declaring.declare": _DECIDES,
    "profiles.domain.handovers.deciding.take_back": _DECIDES,
    "profiles.domain.rules.applying.apply_change": _RULES,
    "profiles.domain.rules.blocking.block_proposed": _DECIDES,
    "profiles.domain.rules.blocking.keep_proposed": _DECIDES,
    "profiles.domain.rules.editing.cancel_change": _RULES,
    "profiles.domain.rules.waiting_groups.hurry_waiting_groups": _DECIDES,
}
OF_NO_SOURCE: dict[str, str] = {
    "cdp_site.reconciliation.jobs.perform": "does a job that was asked for and recorded when it was started",
    "compliance.domain.access_watch.look_after": "settings",
    "compliance.domain.access_watch.set_rules": "settings",
    "compliance.domain.listing.suppressed": _HASHES,
    "compliance.domain.suppressing.lift_together": _HASHES,
    "compliance.suppression.lift": _HASHES,
    "compliance.suppression.suppress": _HASHES,
    "ingestion.domain.catalogue.deciding.accept_proposals": "a category holds for what all sources send",
    "ingestion.domain.catalogue.deciding.classify": "a category holds for what all sources send",
    "ingestion.domain.plans.listing.example_of": _ITS_PAGE,
    "ingestion.domain.quarantine.deciding.cancel_resend": _ITS_PAGE,
    "ingestion.domain.quarantine.deciding.discard": _ITS_PAGE,
    "ingestion.domain.quarantine.deciding.start_resend": _ITS_PAGE,
    "ingestion.domain.quarantine.groups.message_id_of": _ITS_PAGE,
    "ingestion.imports.rehearsing.rehearse_import": _ITS_PAGE,
    "profiles.domain.rules.applying.apply_change": _RULES,
    "profiles.domain.rules.blocking.block_proposed": _RULES,
    "profiles.domain.rules.blocking.keep_proposed": _RULES,
    "profiles.domain.rules.editing.cancel_change": _RULES,
    "profiles.domain.rules.waiting_groups.hurry_waiting_groups": _RULES,
}


def past(asked: Collection[str]) -> set[str]:
    """What entry points use that leads to personal data, and to none of these."""
    return {
        each
        for module in entry_modules()
        for each in used_by(module)
        if each not in TELLS_NOBODY and touched(each) and not set(asked) & reach(each)
    }


def test_what_shows_personal_data_asks_a_mask():
    assert past(MASKS) == set(SHOW_NO_VALUE)


def test_what_shows_data_of_sources_asks_which():
    assert past(SOURCES) == set(OF_NO_SOURCE)
