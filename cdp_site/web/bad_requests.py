"""The page for a request that Django would not read: it says which limit it went over."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 with what is known of the reason."""
    return render(request, "400.html", {"reason": _reason(exception)}, status=400)


def _reason(exception: Exception) -> str:
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        return (
            f"More was sent than a form may hold, which is {most} MB. Nothing was changed: send less at once."
        )
    if isinstance(exception, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        return f"More fields were sent than a form may have, which is {most:,}. Nothing was changed: send less at once."
    if isinstance(exception, TooManyFilesSent):
        return "More files were sent than a form may bring. Nothing was changed: send them one by one."
    return ""
