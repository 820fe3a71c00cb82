"""The tab `Identity graph` of a person's page, and the evidence of one link of it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from compliance.access import Actor, actor_of
from compliance.domain.looking_up import roles_seeing
from compliance.enums import Category
from profiles.admin.graph_drawing import draw, rows_of
from profiles.admin.panels import Content, Panel
from profiles.admin.person import head, of_a_person
from profiles.admin.values import listed
from profiles.domain.queries.link_evidence import NotTheirLink, link_evidence
from profiles.domain.queries.tabs import person_graph
from profiles.identity.layout import BOX_HEIGHT, BOX_WIDTH
from streaming.screens import render_part, render_screen


def _read(actor: Actor, profile_id: UUID, _cursor: str | None) -> Content:
    found = person_graph(actor, profile_id)
    context = {
        "graph": found.graph,
        "drawing": draw(found.graph),
        "rows": rows_of(found.graph),
        "box": {"width": BOX_WIDTH, "height": BOX_HEIGHT},
        "hides": any(node.value is None for node in found.graph.nodes),
        "contact_roles": listed(roles_seeing()[Category.CONTACT]),
    }
    return Content(found.person, context)


@of_a_person
def link(request: HttpRequest, profile_id: UUID, link_id: int) -> HttpResponse:
    """The evidence of one link: at the side of the graph, or as a page of its own."""
    is_part = bool(request.headers.get("HX-Request"))
    try:
        found = link_evidence(actor_of(request), profile_id, link=link_id)
    except NotTheirLink as error:
        if not is_part:
            raise Http404(str(error)) from error
        return render_part(request, "profiles/_link_gone.html", {"error": error})
    context = {"found": found, "person": found.person}
    if is_part:
        return render_part(request, "profiles/_graph_link.html", context)
    page = {**head(actor_of(request), found.person, tab=GRAPH.key), **context}
    return render_screen(request, "profiles/graph_link.html", page)


GRAPH = Panel("graph", "Identity graph", 40, "profiles/graph.html", _read)
