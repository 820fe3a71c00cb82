"""Shapes of answers for the OpenAPI document: described, never used to build the answers."""

from functools import lru_cache
from typing import Any

from rest_framework import serializers

Shape = type["serializers.Serializer[Any]"]


def shape(name: str, description: str, /, **fields: "serializers.Field[Any, Any, Any, Any]") -> Shape:
    """An object with these fields."""
    return type(name, (serializers.Serializer,), {**fields, "__doc__": description})


@lru_cache(maxsize=64)
def page_schema(item: Shape) -> Shape:
    """A page of such items."""
    return shape(
        f"PageOf{item.__name__}",
        "A page of a list.",
        results=item(many=True),
        next=serializers.URLField(allow_null=True, help_text="null on the last page"),
        previous=serializers.URLField(allow_null=True, help_text="null on the first page"),
    )
