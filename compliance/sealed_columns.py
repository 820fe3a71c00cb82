"""Which columns hold sealed secrets (`compliance.secrets`), so that a new key reaches all of them.

Apps say theirs when they start. A column that holds a sealed value and is not named here would become unreadable with the key
that goes; tests/cdp_site/security/test_secrets_at_rest.py looks for such.
"""

from typing import NamedTuple

from django.db.models import Model

from compliance.secrets import resealed


class SealedColumn(NamedTuple):
    """A column, and what it holds in words for the person at the command line."""

    model: type[Model]
    column: str
    words: str


_columns: dict[tuple[type[Model], str], SealedColumn] = {}


def register_sealed(model: type[Model], column: str, words: str) -> None:
    """Have the column be renewed with the others."""
    _columns[model, column] = SealedColumn(model, column, words)


def sealed_columns() -> list[SealedColumn]:
    """All of them."""
    return list(_columns.values())


def renew() -> dict[str, int]:
    """Encrypt all of them with the newest key: how many by their words. Raises SecretsUnreadable, those before it renewed.

    Whatever is changed meanwhile is left as it is: it was encrypted with the newest key already.
    """
    return {each.words: _renew(each) for each in _columns.values()}


def _renew(sealed: SealedColumn) -> int:
    rows, column, renewed = sealed.model._base_manager, sealed.column, 0  # noqa: SLF001 -- public by its documentation
    for pk, value in rows.exclude(**{column: ""}).values_list("pk", column).iterator():
        renewed += rows.filter(pk=pk, **{column: value}).update(**{column: resealed(value)})
    return renewed
