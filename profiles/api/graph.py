"""The identity graph of a person."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    IntegerField,
    ListField,
    UUIDField,
)

from compliance.access import actor_of
from compliance.enums import Operation
from profiles.api.documents import form_shown
from profiles.api.schemas import form_field
from profiles.domain.queries.graph import graph
from profiles.domain.queries.graph_elements import Bundle, Graph, GraphLink, GraphNode, Tie
from profiles.domain.queries.identifiers import Standing
from profiles.enums import Level
from streaming.api.schemas import shape
from streaming.api.views import RestView

_LEVELS = [level.value for level in Level]
NODE = shape(
    "GraphNode",
    "An identifier of the graph.",
    key=CharField(help_text="names it within this answer"),
    namespace=CharField(),
    value=CharField(allow_null=True, help_text="null when the token may not see it"),
    level=ChoiceField(_LEVELS),
    standing=ChoiceField([standing.value for standing in Standing]),
    first_seen=DateTimeField(),
    own=BooleanField(help_text="whether it is this person's"),
    profile=UUIDField(allow_null=True, help_text="who has it, when that is somebody else"),
    masked=BooleanField(),
    form=form_field(),
)
BUNDLE = shape(
    "GraphBundle",
    "Further identifiers of one namespace, which are not listed one by one.",
    key=CharField(),
    namespace=CharField(),
    level=ChoiceField(_LEVELS),
    count=IntegerField(),
)
LINK = shape(
    "GraphLink",
    "What links two of them.",
    ends=ListField(child=CharField(), min_length=2, max_length=2, help_text="keys of nodes or bundles"),
    tie=ChoiceField([tie.value for tie in Tie]),
    evidence=ListField(
        child=IntegerField(), help_text="ids, the earliest first; empty when several links are one"
    ),
    sources=IntegerField(),
    first_at=DateTimeField(help_text="the time of the earliest event that showed it"),
    merged_at=DateTimeField(
        allow_null=True, help_text="when it was among the links that made two people one"
    ),
    count=IntegerField(help_text="how many links this stands for"),
)
GRAPH = shape(
    "IdentityGraph",
    "Identifiers and links around a person.",
    id=UUIDField(),
    nodes=NODE(many=True),
    bundles=BUNDLE(many=True),
    links=LINK(many=True),
    more=BooleanField(help_text="whether there is more than this, beside the bundles"),
)


class GraphView(RestView):
    """The identity graph."""

    operation = Operation.PEOPLE_VIEW

    @extend_schema(operation_id="profiles_graph", responses=GRAPH)
    def get(self, request: Request, profile_id: UUID) -> Response:
        """Show the identifiers of a person, what links them, what was refused, and where people became one."""
        return Response(_document(graph(actor_of(request), profile_id)))


def _document(found: Graph) -> dict[str, Any]:
    return {
        "id": found.id,
        "nodes": [_node(each) for each in found.nodes],
        "bundles": [_bundle(each) for each in found.bundles],
        "links": [_link(each) for each in found.links],
        "more": found.is_cut,
    }


def _node(node: GraphNode) -> dict[str, Any]:
    return {
        "key": node.key,
        "namespace": node.namespace,
        "value": node.value,
        "level": node.level,
        "standing": node.standing,
        "first_seen": node.first_seen,
        "own": node.is_own,
        "profile": node.other,
        "masked": node.value is None,
        "form": form_shown(node.value),
    }


def _bundle(bundle: Bundle) -> dict[str, Any]:
    return {
        "key": bundle.key,
        "namespace": bundle.namespace,
        "level": bundle.level,
        "count": bundle.count,
    }


def _link(link: GraphLink) -> dict[str, Any]:
    return {
        "ends": [link.a, link.b],
        "tie": link.tie,
        "evidence": list(link.evidence),
        "sources": link.sources,
        "first_at": link.first_at,
        "merged_at": link.merged_at,
        "count": link.count,
    }
