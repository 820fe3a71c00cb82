"""The Content-Security-Policy of each page: no inline scripts and no inline styles anywhere."""

from csp.constants import UNSAFE_EVAL
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ADMIN = "/admin/"


class ContentPolicyMiddleware(CSPMiddleware):
    """Adds 'unsafe-eval' below /admin/: the admin's Alpine.js evaluates the attributes of its own templates."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 -- django-csp's
    ) -> PolicyParts:
        """The parts of one answer's policy."""
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(ADMIN):
            parts.update = {**(parts.update or {}), "script-src": [UNSAFE_EVAL]}
        return parts
