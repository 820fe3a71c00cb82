"""A form that changes what is there says which values it was made from: else two people undo each other's changes unseen.

Every form that is posted and has a field to fill in carries `{% made_from … %}`, or stands below with the reason why not.
"""

import re
from collections.abc import Iterator
from importlib import import_module

from ingestion.admin.edit_forms import CATALOGUE_EVENT, CATALOGUE_KEY
from streaming.editing import edit_forms
from tests.architecture.source_tree import ROOT
from tests.architecture.test_templates import TEMPLATES

FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)
FILLED = re.compile(r"<(select|textarea)\b|<input\b(?![^>]*type=\"(hidden|submit)\")|{% include")
ACTION = re.compile(r"^<form\b[^>]*?action=\"{% url \"admin:(\w+)\"")
MADE_FROM = re.compile(r"{% made_from \"(\w+)\" ")

NEW, OWN, SIGN_IN = "makes something new", "one's own", "proves who one is"
ASKED, ONCE, STEP = (
    "asks, and changes nothing",
    "what is done already is refused",
    "a change of its own, not of values that are shown",
)
import_module("cdp_site.urls")  # with all pages, and so with all forms
FORMS = edit_forms()

OTHERWISE = {
    "compliance/access_watch.html": STEP, "compliance/account.html account_factor_remove": OWN,
    "compliance/account_factor.html": OWN, "compliance/account_password.html": OWN,
    "compliance/approval.html approval_decide": ONCE, "compliance/audit.html audit_export": ASKED,
    "compliance/audit.html": ASKED, "compliance/break_glass_new.html": NEW, "compliance/directory.html directory_unmap": ONCE,
    "compliance/directory.html directory_test": ASKED, "compliance/directory.html directory_map": NEW,
    "compliance/inbox.html inbox_mark": OWN, "compliance/notifications.html": OWN, "compliance/prove.html": SIGN_IN,
    "compliance/purpose.html purpose_text": NEW, "compliance/role.html role_delete": "carries the version of the role itself",
    "compliance/sign_in_code.html": SIGN_IN, "compliance/sign_in_enrol.html": SIGN_IN, "compliance/sign_in_password.html": SIGN_IN,
    "compliance/suppressions.html": NEW, "compliance/token_new.html": NEW,
    "compliance/user_new.html": NEW, "compliance/users.html role_factor": STEP,
    "compliance/welcome.html": SIGN_IN, "headwater/login.html": SIGN_IN, "headwater/page.html": ASKED,
    "ingestion/_trace_form.html trace_search": ASKED, "ingestion/catalogue.html": ASKED, "ingestion/catalogue_keys.html": ASKED,
    "ingestion/catalogue_keys.html catalogue_decide": STEP, "ingestion/connection_stream.html connection_stream_change": NEW,
    "ingestion/import.html import_change": ONCE, "ingestion/import_draft.html import_start": ONCE, "ingestion/import_new.html": NEW,
    "ingestion/live.html live": ASKED, "ingestion/plan.html plan_event_add": NEW, "ingestion/quarantine_group.html": "steps are kept nowhere",
    "ingestion/source_new.html": NEW, "ingestion/webhook.html webhook_rotate": NEW, "ingestion/webhook_new.html webhook_new": NEW,
    "profiles/_declare_consent.html person_declare": NEW, "profiles/_declare_reason.html person_declare": NEW,
    "profiles/handover.html": NEW,
    "profiles/people.html people": ASKED, "profiles/person.html person": ASKED, "profiles/person_export.html": ASKED,
    "profiles/person_suppress.html": "carries what was seen itself", "profiles/together.html person_decide_together": ONCE,
    "profiles/unmerge.html": ONCE,
    "streaming/dead_letter_edit.html": "every edit is kept",
    "streaming/dead_letters.html dead_letters_decide": ONCE, "streaming/decide.html dead_letters_decided": ONCE,
}  # fmt: skip


def _forms(template: str) -> Iterator[tuple[str, str]]:
    """Each form with fields: where it leads, and all of it."""
    for found in FORM.finditer(template):
        if FILLED.search(found[0]):
            action = ACTION.match(found[0])
            yield action[1] if action else "", found[0]


def test_each_form_says_what_it_was_made_from_or_needs_not():
    silent, named = set(), set()
    for path in TEMPLATES:
        for action, form in _forms(path.read_text(encoding="utf-8")):
            names = MADE_FROM.findall(form)
            named.update(names)
            if "{% made_from " not in form and 'name="made_from"' not in form:
                silent.add(f"{path.relative_to(ROOT / 'templates')} {action}".strip())
    assert silent - OTHERWISE.keys() == set(), "two people would undo each other's changes"
    assert OTHERWISE.keys() - silent == set(), "these are there no more, or say it now"
    assert named | {CATALOGUE_EVENT.name, CATALOGUE_KEY.name} == FORMS.keys()


def test_a_form_without_it_is_found():
    changed = '<form method="post">{% csrf_token %}<input name="name" value="{{ row.name }}"></form>'
    assert [action for action, form in _forms(changed) if "made_from" not in form] == [""]
    assert (
        list(
            _forms(
                '<form method="post" action="{% url "admin:stop" %}">{% csrf_token %}<button>Stop</button></form>'
            )
        )
        == []
    )
