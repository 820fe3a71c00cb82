"""Whoever reads personal data on somebody's behalf asks `compliance.access` first and leaves an audit row.

The code is followed from the places where people and programs come in: whatever they use that leads to a store of
personal data must lead to `require`, and to `record_read` or `record_change`, too.
"""

import ast

from django.apps import apps

from compliance.stores import registered_stores
from tests.architecture.source_tree import (
    APPS,
    definitions,
    entry_modules,
    imports,
    modules,
    origin,
    reach,
    texts,
    uses,
)

# streaming knows no other app; compliance answers these
PAYLOADS = "streaming.domain.payloads.require_payload"
LOOK, DECIDER, DECISION = (
    f"streaming.domain.oversight.{name}" for name in ("look", "require_decider", "record_decision")
)
ASKS = {"compliance.access.require", "compliance.access.allows", PAYLOADS, LOOK, DECIDER}
RECORDS = {"compliance.audit.record_read", "compliance.audit.record_change", PAYLOADS, LOOK, DECISION}
# Tables about staff and their work, not about people: who may see them is for `require` alone.
NOT_ABOUT_PEOPLE = {
    "compliance_user": "who signs in",
    "compliance_directoryaccount": "who of the staff is which entry of the directory",
    "compliance_usersession": "where staff are signed in",
    "compliance_knownplace": "where staff signed in before, by keyed hashes of names",
    "django_session": "open sessions of staff",
    "axes_accessattempt": "wrong passwords, by keyed hashes of names",
    "compliance_apitoken": "programs",
    "compliance_auditentry": "the trail itself",
    "compliance_approval": "what who of the staff asked for; ids and pseudonyms, read by who decides and who asked",
    "consumer_retirement": "consumers that are stopped for good, and who of the staff said so",
    "cdp_site_reconciliation": "jobs: the names of who of the staff asked for them",
    "profiles_rulechange": "jobs: who of the staff made them, and ids of people, who are read elsewhere",
    "ingestion_catalogueevent": "what events are, and who of the staff to ask about them",
    "ingestion_cataloguekey": "what keys are, and who of the staff to ask about them",
    "ingestion_planversion": "rules, and who of the staff published them",
    "ingestion_resend": "jobs: how far they are, and who started them",
    "ingestion_connection": "settings: the names of who of the staff made them",
    "ingestion_connectionrun": "jobs: how far they are, and who started them",
    "ingestion_stream": "settings, and after which row reading goes on, which no screen shows",
    "ingestion_fileimport": "jobs: the names of files and of who started them",
    "ingestion_webhook": "settings: the names of who of the staff made them",
    "resubmission": "jobs: how far they are, and who started them",
    "log_record": "bytes to the log; who shows them goes through streaming.domain.payloads",
}
# What reaches personal data and yet tells nothing of anybody: each with the reason.
TELLS_NOBODY = {
    "compliance.domain.access_watch.access_watch": "settings, and how many are looked after closely",
    "cdp_site.doctor.examination.examine": "how many suppressions have another key",
    "compliance.domain.suppressing.counts_together": "how many identifiers were suppressed as one person's",
    "ingestion.domain.catalogue.events.described_events": "names, types and numbers, without any example",
    "ingestion.domain.catalogue.listing.event_rows": "names and numbers, without any example",
    "ingestion.domain.catalogue.listing.events_of": "names, without any example",
    "ingestion.domain.catalogue.listing.key_rows": "names, categories and numbers, without any example",
    "ingestion.domain.quarantine.groups.group_of": "for which reason an event waits; its preview shows and records it",
    "ingestion.domain.quarantine.waiting.waiting_sources": "numbers by source",
    "ingestion.domain.queries.live.arrived_at": "a time",
    "ingestion.domain.reach.require_source": "of which source something is, to who may see that source",
    "ingestion.domain.queries.rejections.rejection_reasons": "numbers by reason",
    "ingestion.domain.webhooks.overview.overviews": "when the last payload came, and what its sender was answered",
    "ingestion.imports.sending.finish_import": "does a job that was asked for and recorded when it was started",
    "ingestion.tasks.run_connection": "does a job that was asked for and recorded when it was started",
    "ingestion.tasks.run_import": "does a job that was asked for and recorded when it was started",
    "ingestion.tasks.run_resend": "does a job that was asked for and recorded when it was started",
    "profiles.domain.queries.counts.people_count": "a number",
    "profiles.tasks.recompute_clusters": "does now what the clock has it do every second, and answers nothing",
    "profiles.domain.queries.namespaces.all_namespaces": "rules, with values that are blocked because they are nobody's",
    "profiles.domain.queries.namespaces.namespace_rules": "rules, with values that are blocked because they are nobody's",
    "profiles.domain.queries.rule_changes.rule_changes": "who of the staff changed which rules, and how far that is",
    "profiles.tasks.apply_rule_change": "does a job that was asked for and recorded when it was started",
    "profiles.tasks.measure_rule_change": "does a job that was asked for and recorded when it was started",
    "streaming.domain.dead_letters.open_ids": "numbers of rows",
    "streaming.domain.flow.overview.overview": "how far consumers are, and how many dead letters are open",
    "streaming.domain.queries.letters.known_consumer": "whether there are any",
    "streaming.domain.resubmissions.running.run": "does a job that was asked for and recorded when it was started",
    "streaming.domain.queries.consumers.consumers": "how far consumers are, and how many dead letters are open",
    "streaming.domain.kept_answers.answer_to": "tells a caller again what the same caller was answered",
    "streaming.domain.kept_answers.claim": "tells a caller again what the same caller was answered",
    "streaming.domain.kept_answers.keep": "keeps what a caller is answered",
    "streaming.domain.kept_answers.release": "keeps what a caller is answered",
    "streaming.domain.running.new_worker": "runs consumers",
}
_MANAGERS = {"objects", "_default_manager", "_base_manager"}
_SHORTCUTS = {"get_object_or_404", "get_list_or_404"}


def personal_tables() -> set[str]:
    stores = (store for store in registered_stores() if store.kind == "table" and store.is_personal)
    return {store.place for store in stores} - set(NOT_ABOUT_PEOPLE)


def personal_models() -> dict[str, str]:
    """Full names of the models whose tables hold personal data, with the table."""
    tables = personal_tables()
    return {
        origin(f"{model.__module__}.{model.__name__}"): model._meta.db_table
        for model in apps.get_models()
        if model.__module__.partition(".")[0] in APPS and model._meta.db_table in tables
    }


def touched(full_name: str) -> set[str]:
    """The tables of personal data that a definition leads to, by model or by SQL."""
    models, tables = personal_models(), personal_tables()
    found = {models[each] for each in reach(full_name) if each in models}
    for each in reach(full_name):
        words = set(texts(each).replace('"', " ").split()) if "SELECT" in texts(each) else set()
        found |= tables & words
    return found


def used_by(module) -> set[str]:
    """What of our domain an entry point uses."""
    found = set()
    for name in definitions(module.name):
        found |= {each for each in uses(f"{module.name}.{name}") if is_callable(each)}
    return {each for each in found if each.rpartition(".")[0] not in {m.name for m in entry_modules()}}


def is_callable(full_name: str) -> bool:
    module, _, name = full_name.rpartition(".")
    return module in modules() and isinstance(
        definitions(module).get(name), ast.FunctionDef | ast.AsyncFunctionDef
    )


def unguarded() -> dict[str, str]:
    """What entry points use that leads to personal data without asking, or without leaving a row."""
    found = {}
    for module in entry_modules():
        for each in used_by(module):
            tables = touched(each)
            missing = [
                what
                for what, names in (("asks no access", ASKS), ("records no read", RECORDS))
                if not names & reach(each)
            ]
            if tables and missing:
                found[each] = (
                    f"{module.name} uses it; it reads {', '.join(sorted(tables))} and {' and '.join(missing)}"
                )
    return found


def test_what_reads_personal_data_asks_and_records():
    found = unguarded()
    assert {name: why for name, why in found.items() if name not in TELLS_NOBODY} == {}
    assert set(TELLS_NOBODY) <= set(found), "these exceptions are no longer needed"


def direct_reads() -> list[str]:
    """Where entry points reach into models that hold personal data themselves, past the domain."""
    models, found = personal_models(), []
    for module in entry_modules():
        known = {name: origin(full) for name, full in imports(module.name).items()}
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in _MANAGERS
                and isinstance(node.value, ast.Name)
            ):
                if known.get(node.value.id) in models:
                    found.append(f"{module.name}:{node.lineno} {node.value.id}.{node.attr}")
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in _SHORTCUTS:
                first = ast.unparse(node.args[0]).partition(".")[0]
                if known.get(first) in models:
                    found.append(f"{module.name}:{node.lineno} {ast.unparse(node.func)}({first})")
    return found


def test_entry_points_read_no_personal_data_themselves():
    assert direct_reads() == []


def test_entry_points_run_no_sql():
    found = [
        f"{module.name}:{node.lineno}"
        for module in entry_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("cursor", "raw", "execute")
    ]
    assert found == []


def test_the_check_sees_what_is_there():
    """It would be worth nothing if it followed nothing: the known ways to people are on its list."""
    assert len(personal_models()) > 12
    person = "profiles.domain.queries.people.person"
    assert "profiles_profile" in touched(person)
    assert reach(person) & ASKS
    assert reach(person) & RECORDS
    assert touched("ingestion.domain.queries.live.live_events")
    assert not reach("ingestion.domain.queries.live.live_events") & RECORDS
