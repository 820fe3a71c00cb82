"""Purposes: their legal basis, what people are shown when they are asked, and who changed what."""

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.edit_forms import PURPOSE
from compliance.domain.purposes import (
    MOST_ALIAS,
    MOST_ALIASES,
    MOST_DESCRIPTION,
    MOST_NAME,
    MOST_TEXT,
    MOST_VERSION,
    PurposeInUse,
    UnknownPurposeKey,
    Wanted,
    add_text,
    all_purposes,
    change_purpose,
    make_purpose,
    past_of,
    purpose_of,
)
from compliance.enums import LegalBasis
from compliance.models import Purpose
from streaming.editing import edits
from streaming.screens import render_screen

_GROUNDS = {
    LegalBasis.CONSENT: "Consent: the person said yes (a)",
    LegalBasis.CONTRACT: "Contract: needed for what they ordered (b)",
    LegalBasis.LEGAL_OBLIGATION: "Legal obligation: a law demands it (c)",
    LegalBasis.VITAL_INTERESTS: "Vital interests: a life depends on it (d)",
    LegalBasis.PUBLIC_TASK: "Public task: in the public interest (e)",
    LegalBasis.LEGITIMATE_INTERESTS: "Legitimate interests: weighed against theirs (f)",
}


class PurposeForm(forms.Form):
    """How a purpose is to be."""

    name = forms.CharField(max_length=MOST_NAME)
    description = forms.CharField(max_length=MOST_DESCRIPTION, required=False)
    legal_basis = forms.ChoiceField(choices=[(each.value, words) for each, words in _GROUNDS.items()])
    objection_is_absolute = forms.BooleanField(required=False)
    aliases = forms.CharField(max_length=MOST_ALIAS * MOST_ALIASES, required=False)

    def clean_aliases(self) -> list[str]:
        """One a line."""
        lines = [each.strip() for each in self.cleaned_data["aliases"].splitlines() if each.strip()]
        if len(lines) > MOST_ALIASES or any(len(each) > MOST_ALIAS for each in lines):
            raise forms.ValidationError(
                f"Write at most {MOST_ALIASES} names, of at most {MOST_ALIAS} characters each."
            )
        return list(dict.fromkeys(lines))

    def wanted(self) -> Wanted:
        """As it was typed."""
        given = self.cleaned_data
        return Wanted(
            given["name"],
            given["description"],
            LegalBasis(given["legal_basis"]),
            given["objection_is_absolute"],
            given["aliases"],
        )


class NewPurposeForm(PurposeForm):
    """With the key, which is never changed: tokens, events and consents name the purpose by it."""

    key = forms.CharField(
        max_length=40,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_]*\Z", "Write lower-case letters, digits and _, a letter first.")
        ],
    )


class TextForm(forms.Form):
    """A text that people are shown."""

    version = forms.CharField(max_length=MOST_VERSION)
    text = forms.CharField(max_length=MOST_TEXT)
    since = forms.DateField()


def purposes(request: HttpRequest) -> HttpResponse:
    """All of them: they are few."""
    context = {"title": "Purposes", "purposes": all_purposes()}
    return render_screen(request, "compliance/purposes.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """The form for another one."""
    form = NewPurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            make_purpose(form.cleaned_data["key"], form.wanted(), by=actor_of(request))
        except PurposeInUse as error:
            form.add_error("key", str(error))
        else:
            messages.success(request, "Made: events and consents can name it from now on.")
            return redirect("admin:purpose", key=form.cleaned_data["key"])
    context = {"title": "New purpose", "form": form, "is_new": True}
    return render_screen(request, "compliance/purpose.html", context, status=400 if form.errors else 200)


@edits(PURPOSE)
def purpose(request: HttpRequest, key: str) -> HttpResponse:
    """One of them with its texts and history, and the form that changes it."""
    row = _known(key)
    form = PurposeForm(request.POST or _initial(row))
    if request.method == "POST" and form.is_valid():
        if change_purpose(key, form.wanted(), by=actor_of(request)):
            messages.success(request, "Saved: it holds for every use from now on.")
        return redirect("admin:purpose", key=key)
    return _page(request, row, form)


@require_POST
def text(request: HttpRequest, key: str) -> HttpResponse:
    """Keep another version of the text."""
    row, form = _known(key), TextForm(request.POST)
    if form.is_valid():
        try:
            add_text(key, by=actor_of(request), **form.cleaned_data)
        except PurposeInUse as error:
            form.add_error("version", str(error))
        else:
            messages.success(request, "Kept: consents can name this version.")
            return redirect("admin:purpose", key=key)
    return _page(request, row, PurposeForm(_initial(row)), form)


def _page(
    request: HttpRequest, row: Purpose, form: PurposeForm, text_form: TextForm | None = None
) -> HttpResponse:
    context = {
        "title": row.name,
        "purpose": row,
        "form": form,
        "text_form": text_form or TextForm(initial={"since": timezone.localdate()}),
        "history": past_of(row),
    }
    wrong = form.errors or (text_form is not None and text_form.errors)
    return render_screen(request, "compliance/purpose.html", context, status=400 if wrong else 200)


def _known(key: str) -> Purpose:
    try:
        return purpose_of(key)
    except UnknownPurposeKey as error:
        raise Http404(str(error)) from error


def _initial(row: Purpose) -> dict[str, object]:
    return {
        "name": row.name, "description": row.description, "legal_basis": row.basis.value,
        "objection_is_absolute": row.objection_is_absolute, "aliases": "\n".join(row.aliases),
    }  # fmt: skip
