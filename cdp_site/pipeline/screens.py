"""Which screens there are, where, and for whom."""

from cdp_site.pipeline import (
    consumers,
    decisions,
    editing,
    letters,
    notices,
    reconciling,
    resubmissions,
    topic_settings,
    topics,
)
from cdp_site.runbooks import runbook
from compliance.enums import Operation
from streaming.screens import Screen, register_screen

SECTION = "Pipeline"
_VIEW, _OPERATE = Operation.PIPELINE_VIEW.value, Operation.PIPELINE_OPERATE.value

_SCREENS = (
    Screen("topics/", "topics", topics.listing, _VIEW, "Topics", SECTION, "schema", 10),
    Screen("topics/graph/", "topics_graph", topics.graph, _VIEW),
    Screen("topics/<str:name>/", "topic", topics.topic, _VIEW),
    Screen("topics/<str:name>/settings/", "topic_settings", topic_settings.form, _OPERATE),
    Screen("topics/<str:name>/apply/", "topic_apply", topic_settings.put, _OPERATE),
    Screen("consumers/", "consumers", consumers.listing, _VIEW, "Consumers", SECTION, "memory", 20),
    Screen("consumers/<str:name>/", "consumer", consumers.consumer, _VIEW),
    Screen("consumers/<str:name>/retirement/", "consumer_retirement", consumers.retirement, _OPERATE),
    Screen("notices/", "notices", notices.notices, _VIEW),
    Screen("dead-letters/", "dead_letters", letters.listing, _VIEW, "Dead letters", SECTION, "report", 30),
    Screen("dead-letters/decide/", "dead_letters_decide", decisions.preview, _OPERATE),
    Screen("dead-letters/decided/", "dead_letters_decided", decisions.decide, _OPERATE),
    Screen("dead-letters/resubmissions/", "resubmissions", resubmissions.listing, _VIEW),
    Screen("dead-letters/resubmissions/<int:resubmission_id>/", "resubmission", resubmissions.job, _VIEW),
    Screen(
        "dead-letters/resubmissions/<int:resubmission_id>/cancel/",
        "resubmission_cancel",
        resubmissions.cancel,
        _OPERATE,
    ),
    Screen("dead-letters/<int:letter_id>/", "dead_letter", letters.letter, _VIEW),
    Screen("dead-letters/<int:letter_id>/edit/", "dead_letter_edit", editing.edit, _OPERATE),
    Screen("dead-letters/edits/<int:edit_id>/", "dead_letter_edited", editing.edited, _VIEW),
    Screen("dead-letters/<int:letter_id>/payload/", "dead_letter_payload", letters.payload, _VIEW),
    Screen(
        "reconciliation/",
        "reconciliation",
        reconciling.overview,
        _VIEW,
        "Reconciliation",
        SECTION,
        "balance",
        40,
    ),
    Screen("runbooks/<slug:name>/", "runbook", runbook, _VIEW),
    Screen("reconciliation/progress/", "reconciliation_progress", reconciling.progress, _VIEW),
    Screen("reconciliation/begin/", "reconciliation_begin", reconciling.begin, _OPERATE),
    Screen("reconciliation/<int:run_id>/cancel/", "reconciliation_cancel", reconciling.cancel, _OPERATE),
    Screen("reconciliation/<int:run_id>/", "reconciliation_findings", reconciling.findings, _VIEW),
    Screen("reconciliation/<int:run_id>/hours/", "reconciliation_hours", reconciling.hours, _VIEW),
)


def register_screens() -> None:
    """Make them known."""
    for screen in _SCREENS:
        register_screen(screen)
