"""Addresses of the API at which there is nothing."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt

from cdp_site.api.formats import JsonRenderer
from cdp_site.api.problems import MEDIA_TYPE, problem


@csrf_exempt
@cache_control(no_store=True)
def nowhere(request: HttpRequest) -> HttpResponse:
    """Answer 404 as a problem document, whoever asks and by whichever method."""
    del request
    found = problem(HTTPStatus.NOT_FOUND, "There is nothing at this address; /api/docs/ lists what there is.")
    return HttpResponse(JsonRenderer().render(found.data), status=found.status_code, content_type=MEDIA_TYPE)
