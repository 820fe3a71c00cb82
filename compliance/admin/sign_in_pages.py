"""The pages of signing in. Each is for whoever is half signed in (`compliance.admin.sign_in`) and for nobody else."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from compliance.admin import sign_in
from compliance.domain import passwords, second_factors
from compliance.domain.directory.configuration import directory
from compliance.domain.second_factors import Answer
from compliance.domain.users import UserError
from compliance.wording import sentence

WRONG = {
    Answer.WRONG: "That code is wrong, or was used. Type the one that your app shows now, or a recovery code.",
    Answer.TOO_SOON: "There were too many wrong codes. Wait a minute, then type the one that your app shows.",
}


class PasswordPage(LoginView):
    """Name and password."""

    authentication_form = AdminAuthenticationForm
    template_name = "headwater/login.html"
    next_page = "admin:index"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Whether there is a directory, which may keep people out without saying so to strangers."""
        return super().get_context_data(**context) | {"has_directory": directory() is not None}

    def form_valid(self, form: AdminAuthenticationForm) -> HttpResponse:  # type: ignore[override]  # the form above
        """Go on with the next step."""
        return sign_in.begin(self.request, form.get_user(), goal=self.get_success_url())  # type: ignore[return-value]


@never_cache
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponseBase:
    """A code of the app, or a recovery code."""
    found = sign_in.current(request)
    if found is None or found[0].is_coded:
        return sign_in.again(request)
    steps, user = found
    wrong = ""
    if request.method == "POST":
        by = sign_in.actor(request, user)
        typed = request.POST.get("code", "")[:100]
        answer = second_factors.verify(user=user, typed=typed, by=by, now=timezone.now())
        if answer is Answer.RIGHT:
            return sign_in.go_on(request, sign_in.coded(steps), user)
        wrong = WRONG[answer]
    return render(request, "compliance/sign_in_code.html", {"wrong": wrong}, status=400 if wrong else 200)


@never_cache
@sensitive_post_parameters("code")
def enrol(request: HttpRequest) -> HttpResponseBase:
    """Set up an app, because a role asks for it; the recovery codes stand in the answer, and nowhere again."""
    found = sign_in.current(request)
    if found is None or found[0].is_coded or second_factors.has_one(found[1]):
        return sign_in.again(request)
    steps, user = found
    wrong = ""
    if request.method == "POST":
        by = sign_in.actor(request, user)
        typed = "".join(request.POST.get("code", "")[:100].split())
        codes = second_factors.confirm(user=user, code=typed, by=by, now=timezone.now())
        if codes is not None:
            after = sign_in.go_on(request, sign_in.coded(steps), user)
            shown = {"codes": codes, "onwards": after["Location"]}
            return render(request, "compliance/sign_in_recovery.html", shown)
        wrong = "That is not the code that the app shows now. See that the clock of your phone is right."
    context: dict[str, object] = {"wrong": wrong, "enrolment": second_factors.begin_enrolment(user)}
    return render(request, "compliance/sign_in_enrol.html", context, status=400 if wrong else 200)


@never_cache
@sensitive_post_parameters("new", "again")
def new_password(request: HttpRequest) -> HttpResponseBase:
    """A password of one's own, in place of one that somebody else knows or that is too old."""
    found = sign_in.current(request)
    if found is None or sign_in.next_step(*found, now=timezone.now()) != "sign_in_password":
        return sign_in.again(request)
    steps, user = found
    wrong = ""
    if request.method == "POST":
        new, repeated = request.POST.get("new", "")[:1000], request.POST.get("again", "")[:1000]
        try:
            passwords.choose(user=user, new=new, again=repeated, by=sign_in.actor(request, user))
        except UserError as error:
            wrong = sentence(error)
        else:
            return sign_in.go_on(request, sign_in.with_password_of(steps, user), user)
    return render(request, "compliance/sign_in_password.html", {"wrong": wrong}, status=400 if wrong else 200)
