"""Ways from page to page: what the request for a page is, and which page comes after an answer.

A page is a small JSON object that can be kept: {} is the first one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ingestion.domain.mappings.errors import PartFailed
from ingestion.sources.contract import StreamRefused
from ingestion.sources.rest.client import Answer, Client
from ingestion.sources.rest.links import next_link
from ingestion.sources.rest.settings import Resource

Page = dict[str, Any]
MAX_PLACE = 4000  # characters of a token or an address
_USUAL = {"page": "page", "offset": "offset", "token": "cursor"}
BY_COUNT = ("page", "offset")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for."""

    url: httpx.URL
    parameters: Mapping[str, str | int]
    """Of the query, or of the body of a POST."""


class Paging:
    """The pages of one resource."""

    def __init__(self, client: Client, resource: Resource) -> None:
        self._client, self._resource = client, resource

    def ask(self, page: Page, parameters: Mapping[str, str | int]) -> Answer:
        """The answer that holds a page. The parameters are those that every page has. Raises SourceError."""
        resource = self._resource
        if "url" in page:  # the address says all of it
            url, asked = self._client.api.base.join(page["url"]), {}
        else:
            url, asked = self._client.address(resource.path), {**parameters, **self._own(page)}
        fixed = httpx.QueryParams(() if "url" in page else resource.query)
        if resource.method == "POST":
            return self._client.ask("POST", url, params=fixed, body=_with(resource.body, asked))
        return self._client.ask(
            "GET", url, params=fixed.merge({name: str(value) for name, value in asked.items()})
        )

    def following(self, page: Page, answer: Answer, count: int) -> Page | None:
        """The page after this one of so many records; None when it was the last. Raises StreamRefused."""
        how = self._resource.pagination
        if how == "page":
            return {"number": self._number(page) + 1} if count else None
        if how == "offset":
            return {"offset": page.get("offset", 0) + count} if count else None
        if how == "link_header":
            return self._at(answer, next_link(answer.headers.get_list("link")))
        place = self._place(answer)
        if place is None or how not in ("token", "next_link"):
            return None
        return {"token": place} if how == "token" else self._at(answer, str(place))

    def _own(self, page: Page) -> dict[str, str | int]:
        resource = self._resource
        own: dict[str, str | int] = {}
        if resource.size_parameter and resource.page_size:
            own[resource.size_parameter] = resource.page_size
        name = resource.page_parameter or _USUAL.get(resource.pagination, "")
        if resource.pagination == "page" and page:
            own[name] = self._number(page)
        elif resource.pagination == "page" and resource.first_page != 1:
            own[name] = resource.first_page
        elif resource.pagination == "offset" and page:
            own[name] = page["offset"]
        elif resource.pagination == "token" and page:
            own[name] = page["token"]
        return own

    def _number(self, page: Page) -> int:
        return int(page.get("number", self._resource.first_page))

    def _place(self, answer: Answer) -> str | int | None:
        """The token or the address in the answer."""
        if self._resource.next is None:
            return None
        try:
            place = self._resource.next(answer.document)
        except PartFailed:
            place = None
        if place in (None, "", False):
            return None
        if isinstance(place, bool) or not isinstance(place, str | int) or len(str(place)) > MAX_PLACE:
            raise StreamRefused(
                "What should name the next page is no text: check where the token or address is."
            )
        return place

    def _at(self, answer: Answer, link: str | None) -> Page | None:
        """The page at an address of this API; another host's is refused. Only path and query are kept."""
        if not link:
            return None
        try:
            url = self._client.own(answer.url.join(link))
        except (httpx.InvalidURL, ValueError):
            raise StreamRefused("The address of the next page cannot be read.") from None
        kept = url.raw_path.decode("ascii")
        if len(kept) > MAX_PLACE:
            raise StreamRefused(f"The address of the next page has more than {MAX_PLACE:,} characters.")
        return {"url": kept}


def _with(body: Mapping[str, Any], parameters: Mapping[str, str | int]) -> dict[str, Any]:
    """The body with the parameters in it; a name with dots leads into objects."""
    made: dict[str, Any] = dict(body)
    for name, value in parameters.items():
        *before, last = name.split(".")
        place = made
        for step in before:
            place[step] = dict(place[step]) if isinstance(place.get(step), dict) else {}
            place = place[step]
        place[last] = value
    return made
