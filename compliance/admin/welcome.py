"""Where an invited administrator gives themselves a password: the one page that nobody has to sign in for."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from compliance.access import actor_of
from compliance.domain.invitations import accept
from compliance.domain.users import UserError
from compliance.wording import sentence


@never_cache
@sensitive_post_parameters("code", "password")
def welcome(request: HttpRequest) -> HttpResponse:
    """The form; the code is typed and never stands in an address."""
    error, typed = "", request.POST
    if request.method == "POST":
        try:
            accept(
                username=typed.get("username", "").replace("\0", "").strip()[:150], code=typed.get("code", "").strip()[:200],
                password=typed.get("password", "")[:1000], address=actor_of(request).address,
            )  # fmt: skip
        except UserError as wrong:
            error = sentence(wrong)
        else:
            messages.success(request, "Sign in with your new password.")
            return redirect("admin:login")
    context = {"error": error, "username": typed.get("username", "")}
    return render(request, "compliance/welcome.html", context, status=400 if error else 200)
