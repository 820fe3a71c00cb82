"""What counts as unusual access, on a page."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from compliance.access import actor_of, allows
from compliance.admin.edit_forms import ACCESS_WATCH
from compliance.domain.access_watch import Rules, TooManyVips, access_watch, look_after, set_rules
from compliance.domain.trail.searching import LONGEST_PERSON
from compliance.enums import Operation
from streaming.editing import edits
from streaming.screens import render_screen


class RulesForm(forms.Form):
    """What is watched for."""

    people_an_hour = forms.IntegerField(min_value=1, max_value=1_000_000)
    opens_at = forms.TimeField(required=False)
    closes_at = forms.TimeField(required=False)
    weekends_are_unusual = forms.BooleanField(required=False)
    times_usual = forms.IntegerField(min_value=2, max_value=100, required=False)
    usual_from = forms.IntegerField(min_value=1, max_value=1_000_000)
    token_people_an_hour = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    tokens_keep_hours = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Both hours or neither: one alone would say nothing, and look as if it did."""
        given: dict[str, Any] = super().clean() or {}
        if (given.get("opens_at") is None) != (given.get("closes_at") is None):
            raise forms.ValidationError("hours of work begin and end")
        return given

    def rules(self) -> Rules:
        """As they were typed; hours that end when they begin are none."""
        given = self.cleaned_data
        opens: time | None = given["opens_at"]
        closes: time | None = given["closes_at"]
        if opens == closes:
            opens = closes = None
        return Rules(**{**given, "opens_at": opens, "closes_at": closes})


@edits(ACCESS_WATCH)
def rules(request: HttpRequest) -> HttpResponse:
    """The rules, and for who may say what is unusual the forms that change them. People are posted and never shown."""
    actor = actor_of(request)
    form = RulesForm(request.POST) if "people_an_hour" in request.POST else None
    if request.method == "POST":
        if form is None:
            _change_list(request)
            return redirect("admin:audit_alerts")
        if form.is_valid():
            set_rules(form.rules(), by=actor)
            messages.success(request, "Saved: from now on this counts as unusual.")
            return redirect("admin:audit_alerts")
    context = {
        "title": "Alerts on access",
        "watch": access_watch(actor),
        "may_change": allows(actor, Operation.AUDIT_WATCH),
        "error": "Type whole numbers of people, 2 to 100 times, and both hours as 08:00 or neither."
        if form is not None
        else "",
        "longest_person": LONGEST_PERSON,
    }
    return render_screen(request, "compliance/access_watch.html", context, status=400 if form else 200)


def _change_list(request: HttpRequest) -> None:
    person = " ".join(request.POST.get("person", "").split())[:LONGEST_PERSON]
    if not person:
        return
    is_wanted = "remove" not in request.POST
    try:
        look_after(person, by=actor_of(request), is_wanted=is_wanted)
    except TooManyVips as error:
        messages.error(request, str(error))
        return
    messages.success(
        request,
        "Whoever looks at this person is told of now." if is_wanted else "They are no longer on the list.",
    )
