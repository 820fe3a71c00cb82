"""Who may call: whoever has the scope that the view names."""

from typing import Any

from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from compliance.access import actor_of, require
from compliance.enums import Operation
from ingestion.domain.reach import NotTheirSource, require_source


class MayDo(BasePermission):
    """Lets through callers with the view's `operation`; a view that names ANYBODY, all who are let in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller is known. Raises AccessDenied, which is audited, when the scope is missing.

        What came from a source that is closed to the caller is not there: it raises Http404.
        """
        if not request.user.is_authenticated:
            return False
        actor = actor_of(request)
        if view.operation:  # ANYBODY is none
            require(actor, Operation(view.operation))
        match = request.resolver_match
        try:
            require_source(actor, match.route if match else "", view.kwargs)
        except NotTheirSource as error:
            raise Http404(str(error)) from error
        return True
