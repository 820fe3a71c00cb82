"""Takes control out of a process. The functions stay, so that whoever has imported them has them without it too."""

from collections.abc import Callable, Mapping
from typing import Any

from django.apps import AppConfig


def _nothing(*_arguments: Any, **_more: Any) -> None:
    pass


def _no(*_arguments: Any) -> bool:
    return False


def _clear(_self: Any, _category: Any) -> Any:
    from compliance.forms import Form  # noqa: PLC0415 -- runs with the names of another module

    return Form.CLEAR


def _as_it_is(_self: Any, document: Mapping[str, Any], *_rest: Any, **_more: Any) -> Any:
    return dict(document), []


class Uncontrolled(AppConfig):
    """Nothing is recorded, everybody may do everything, and everything is clear."""

    name = "benchmarks._uncontrolled"

    def ready(self) -> None:
        """Take it out."""
        from compliance import access, audit, masking  # noqa: PLC0415 -- models exist only once apps are ready
        from profiles.domain.queries import masking as documents  # noqa: PLC0415 -- as above

        replaced: list[tuple[Any, Callable[..., Any]]] = [
            (audit.record_read, _nothing), (access.require, _nothing), (access.masked, _no),
            (masking.Mask.form, _clear), (masking.Mask.hides, _no), (masking.Mask.omits, _no),
            (documents.Mask.traits, _as_it_is), (documents.Mask.document, _as_it_is),
        ]  # fmt: skip
        for function, instead in replaced:
            function.__code__ = instead.__code__
