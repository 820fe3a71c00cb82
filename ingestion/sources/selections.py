"""What is stored of a connection and its stream, as a kind wants it."""

from compliance.secrets import unseal
from ingestion.models import Connection, Stream
from ingestion.sources.contract import Column, Mode, Selection, Settings


def settings_of(connection: Connection, stream: Settings | None = None) -> Settings:
    """All settings, the secrets among them, and those of a stream: for the kind alone, never to be shown.

    Nothing that is said of a stream stands in for a setting of the connection. Raises SecretsUnreadable.
    """
    return {**(stream or {}), **connection.settings, **unseal(connection.secrets)}


def selection_of(stream: Stream) -> Selection:
    """What is read of the stream."""
    return Selection(
        stream.name,
        tuple(Column.from_json(each) for each in stream.columns),
        tuple(stream.key),
        Mode(stream.mode),
        stream.cursor,
        stream.look_back,
    )
