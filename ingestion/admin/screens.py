"""Which screens there are, where, and for whom."""

from compliance.enums import Operation
from ingestion.admin import (
    catalogue,
    connection_runs,
    connection_streams,
    connections,
    context,
    import_actions,
    import_pages,
    live,
    plans,
    quarantine,
    rejections,
    source_actions,
    sources,
    traces,
    webhook_actions,
    webhooks,
)
from streaming.screens import Screen, register_screen

SECTION = "Data in"
_VIEW, _MANAGE = Operation.SOURCES_VIEW.value, Operation.SOURCES_MANAGE.value
_DESCRIBE = Operation.CATALOGUE_MANAGE.value
_WATCH, _IMPORT = Operation.EVENTS_VIEW.value, Operation.IMPORTS_RUN.value

_SCREENS = (
    Screen("sources/", "sources", sources.listing, _VIEW, "Sources", SECTION, "sensors", 10),
    Screen("sources/new/", "source_new", sources.new, _MANAGE),
    Screen("sources/<int:source_id>/", "source", sources.source, _VIEW),
    Screen("sources/<int:source_id>/figures/", "source_figures", sources.figures, _VIEW),
    Screen("sources/<int:source_id>/keys/", "source_rotate", source_actions.rotate, _MANAGE),
    Screen("sources/<int:source_id>/keys/<int:key_id>/disable/", "source_disable_key", source_actions.disable_key, _MANAGE),
    Screen("sources/<int:source_id>/visits/", "source_visit_timeout", source_actions.visit_timeout, _MANAGE),
    Screen("sources/<int:source_id>/purposes/", "source_purposes", source_actions.purposes, _MANAGE),
    Screen("sources/<int:source_id>/disable/", "source_disable", source_actions.disable, _MANAGE),
    Screen("sources/<int:source_id>/enable/", "source_enable", source_actions.enable, _MANAGE),
    Screen("webhooks/", "webhooks", webhooks.listing, _VIEW, "Webhooks", SECTION, "webhook", 15),
    Screen("webhooks/new/", "webhook_new", webhooks.new, _MANAGE),
    Screen("webhooks/<int:webhook_id>/", "webhook", webhooks.page, _VIEW),
    Screen("webhooks/<int:webhook_id>/preview/", "webhook_preview", webhooks.preview_part, _VIEW),
    Screen("webhooks/<int:webhook_id>/save/", "webhook_save", webhook_actions.save, _MANAGE),
    Screen("webhooks/<int:webhook_id>/secret/", "webhook_rotate", webhook_actions.rotate, _MANAGE),
    Screen("webhooks/<int:webhook_id>/disable/", "webhook_disable", webhook_actions.disable, _MANAGE),
    Screen("webhooks/<int:webhook_id>/enable/", "webhook_enable", webhook_actions.enable, _MANAGE),
    Screen("connections/", "connections", connections.listing, _VIEW, "Connections", SECTION, "database", 12),
    Screen("connections/new/", "connection_new", connections.new, _MANAGE),
    Screen("connections/test/", "connection_test", connections.test, _MANAGE),
    Screen("connections/<int:connection_id>/", "connection", connections.connection, _VIEW),
    Screen("connections/<int:connection_id>/settings/", "connection_edit", connections.edit, _MANAGE),
    Screen("connections/<int:connection_id>/streams/", "connection_discover", connections.discover, _MANAGE),
    Screen("connections/<int:connection_id>/streams/new/", "connection_stream_new", connection_streams.new, _MANAGE),
    Screen("connections/<int:connection_id>/preview/", "connection_preview", connection_streams.preview, _MANAGE),
    Screen("connections/streams/<int:stream_id>/", "connection_stream", connection_streams.stream, _VIEW),
    Screen("connections/streams/<int:stream_id>/settings/", "connection_stream_edit", connection_streams.edit, _MANAGE),
    Screen("connections/streams/<int:stream_id>/<str:action>/", "connection_stream_change", connection_streams.change, _MANAGE),
    Screen("connections/runs/<int:run_id>/", "connection_run", connection_runs.run, _VIEW),
    Screen("connections/runs/<int:run_id>/progress/", "connection_run_progress", connection_runs.progress, _VIEW),
    Screen("connections/runs/<int:run_id>/errors.csv", "connection_run_errors", connection_runs.errors, _MANAGE),
    Screen("connections/runs/<int:run_id>/cancel/", "connection_run_cancel", connection_runs.cancel, _MANAGE),
    Screen("live/", "live", live.page, _WATCH, "Live", SECTION, "bolt", 20),
    Screen("live/rows/", "live_rows", live.rows, _WATCH),
    Screen("live/<int:event_id>/", "live_event", live.event, _WATCH),
    Screen("trace/", "trace_search", traces.search, _WATCH),
    Screen("trace/<path:message_id>/", "trace", traces.page, _WATCH),
    Screen("catalogue/", "catalogue", catalogue.listing, _VIEW, "Event catalogue", SECTION, "menu_book", 25),
    Screen("catalogue/keys/", "catalogue_keys", catalogue.keys, _VIEW),
    Screen("catalogue/keys/decide/", "catalogue_decide", catalogue.decide, _DESCRIBE),
    Screen("catalogue/keys/<int:key_id>/", "catalogue_key", catalogue.key, _VIEW),
    Screen("catalogue/<int:event_id>/", "catalogue_event", catalogue.event, _VIEW),
    Screen("plans/", "plans", plans.listing, _VIEW, "Tracking plans", SECTION, "rule", 26),
    Screen("plans/<int:source_id>/", "plan", plans.plan, _VIEW),
    Screen("plans/<int:source_id>/infer/", "plan_infer", plans.infer, _MANAGE),
    Screen("plans/<int:source_id>/publish/", "plan_publish", plans.publish_draft, _MANAGE),
    Screen("plans/<int:source_id>/return/", "plan_return", plans.return_to, _MANAGE),
    Screen("plans/<int:source_id>/stop/", "plan_stop", plans.stop_checking, _MANAGE),
    Screen("quarantine/", "quarantine", quarantine.listing, _VIEW, "Quarantine", SECTION, "pending_actions", 28),
    Screen("quarantine/<int:sample_id>/", "quarantine_group", quarantine.group, _VIEW),
    Screen("quarantine/<int:sample_id>/resend/", "quarantine_resend", quarantine.resend, _MANAGE),
    Screen("quarantine/<int:sample_id>/discard/", "quarantine_discard", quarantine.throw_away, _MANAGE),
    Screen("quarantine/jobs/<int:resend_id>/", "resend", quarantine.job, _VIEW),
    Screen("quarantine/jobs/<int:resend_id>/cancel/", "resend_cancel", quarantine.cancel, _MANAGE),
    Screen("rejections/", "rejections", rejections.listing, _VIEW, "Rejections", SECTION, "block", 30),
    Screen("rejections/<int:rejection_id>/", "rejection", rejections.rejection, _VIEW),
    Screen("context/", "context", context.listing, _VIEW, "Context data", SECTION, "partly_cloudy_day", 60),
    Screen("imports/", "imports", import_pages.listing, _IMPORT, "Imports", SECTION, "upload_file", 40),
    Screen("imports/new/", "import_new", import_pages.upload, _IMPORT),
    Screen("imports/<int:import_id>/", "import", import_pages.file_import, _IMPORT),
    Screen("imports/<int:import_id>/progress/", "import_progress", import_pages.progress, _IMPORT),
    Screen("imports/<int:import_id>/errors.csv", "import_errors", import_pages.errors, _IMPORT),
    Screen("imports/<int:import_id>/preview/", "import_preview", import_actions.preview, _IMPORT),
    Screen("imports/<int:import_id>/rehearsal/", "import_rehearsal", import_actions.rehearsal, _IMPORT),
    Screen("imports/<int:import_id>/start/", "import_start", import_actions.start, _IMPORT),
    Screen("imports/<int:import_id>/<str:action>/", "import_change", import_actions.change, _IMPORT),
)  # fmt: skip


def register_screens() -> None:
    """Make them known."""
    for screen in _SCREENS:
        register_screen(screen)
