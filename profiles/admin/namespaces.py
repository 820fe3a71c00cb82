"""Namespaces: the kinds of identifiers with their rules, and the form that proposes a change of one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from compliance.access import actor_of
from compliance.identifiers import NORMALISERS
from profiles.admin.namespace_form import CONTENT, LEVELS, NUMBERS, read_form, shown
from profiles.domain.queries.namespaces import NamespaceRules, all_namespaces, namespace_rules
from profiles.domain.rules.editing import NothingChanged, UnknownNamespace, propose_change
from profiles.domain.rules.values import WrongValues
from profiles.tasks import measure_rule_change
from streaming.editing import edit_form, edits
from streaming.screens import render_screen


def _rules(request: HttpRequest, key: str) -> NamespaceRules:
    try:
        return namespace_rules(actor_of(request), key)[0]
    except UnknownNamespace as error:
        raise Http404(str(error)) from error


_CHOICES = {
    "levels": [(level.value, words) for level, words in LEVELS.items()],
    "uses": [(use.value, words) for use, words in CONTENT.items()],
    "normalisers": list(NORMALISERS),
}
NAMESPACE = edit_form(
    "namespace",
    find=_rules,
    values=lambda found: {name.replace("_", " ").capitalize(): value for name, value in found.values.items()},
    page=lambda found: reverse("admin:namespace", args=[found.key]),
)


def listing(request: HttpRequest) -> HttpResponse:
    """All of them, the strongest first."""
    context = {"title": "Namespaces", "namespaces": all_namespaces(actor_of(request))}
    return render_screen(request, "profiles/namespaces.html", context)


@edits(NAMESPACE)
def namespace(request: HttpRequest, key: str) -> HttpResponse:
    """One: its rules as a form, and what was changed before. A change is measured first, and applied afterwards."""
    try:
        found, past = namespace_rules(actor_of(request), key)
    except UnknownNamespace as error:
        raise Http404(str(error)) from error
    values, wrong = found.values, ""
    problems: dict[str, str] = {}
    if request.method == "POST":
        values, problems = read_form(request.POST, found.values)
        try:
            if not problems:
                change = propose_change(actor_of(request), key, values, now=timezone.now())
                measure_rule_change.delay(change_id=change)
                return redirect("admin:rule_change", change_id=change)
        except WrongValues as error:
            problems = error.problems
        except NothingChanged as error:
            wrong = f"Nothing to measure: {error}."
    mistyped = {field: request.POST.get(field, "")[:40] for field in problems if field in NUMBERS}
    context = {
        "title": found.values["name"],
        "found": found,
        "key": key,
        "values": {**shown(values), **mistyped},
        "problems": problems,
        "wrong": wrong,
        "past": past,
        "hides_values": found.hides_values,
        **_CHOICES,
    }
    return render_screen(
        request, "profiles/namespace.html", context, status=400 if problems or wrong else 200
    )
