"""The one address that takes large bodies, and who may send them: asked before the body is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections

from cdp_site.web.bodies import SLOWEST_UPLOAD, UPLOADS_AT_ONCE, Bounds, Slots
from compliance.access import actor_of, allows
from compliance.enums import Operation
from compliance.session_watch import is_open

UPLOAD_PATH = "/admin/imports/new/"


@dataclass(frozen=True)
class Uploads:
    """Where large bodies may be sent to, by whom, and how large. `may_send` is called in a thread of the pages."""

    path: str
    bounds: Bounds
    may_send: Callable[[dict[str, Any]], bool]


def import_uploads(*, size: int) -> Uploads:
    """The upload of files to import."""
    return Uploads(UPLOAD_PATH, Bounds(size, SLOWEST_UPLOAD, Slots(UPLOADS_AT_ONCE)), may_import)


def may_import(environ: dict[str, Any]) -> bool:
    """Whether the request comes with the open session of somebody who may import files."""
    close_old_connections()
    request = WSGIRequest(environ)
    request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    return is_open(request) and allows(actor_of(request), Operation.IMPORTS_RUN)
