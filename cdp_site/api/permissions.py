"""Who may call: whoever has the scope that the view names."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from compliance.access import actor_of, require
from compliance.enums import Operation


class MayDo(BasePermission):
    """Lets through callers with the view's `operation`. A view without one is for nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller is known. Raises AccessDenied, which is audited, when the scope is missing."""
        if not request.user.is_authenticated:
            return False
        require(actor_of(request), Operation(view.operation))
        return True
