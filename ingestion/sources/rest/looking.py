"""The first look at a resource: its records' columns, and what of its settings shows by itself."""

from ingestion.sources.contract import Settings, StreamInfo
from ingestion.sources.rest.client import Client
from ingestion.sources.rest.detecting import detect
from ingestion.sources.rest.inferring import columns_of, key_of
from ingestion.sources.rest.paging import Paging
from ingestion.sources.rest.records import find_records, records_of
from ingestion.sources.rest.settings import Resource


def described(client: Client, settings: Settings, stream: str) -> StreamInfo:
    """What the first page shows. Raises SourceError."""
    resource = Resource.of(settings)
    answer = Paging(client, resource).ask({}, {})
    proposed: dict[str, str] = {}
    if not resource.records_text and (found := find_records(answer.document)):
        proposed["records"] = found
        resource = Resource.of({**settings, **proposed})
    if resource.pagination == "detect" and (pages := detect(answer))["pagination"] != "none":
        given = {name for name in pages if settings.get(name) and name != "pagination"}
        proposed |= {name: value for name, value in pages.items() if name not in given}
    records = [each for each in records_of(answer.document, resource) if isinstance(each, dict)]
    columns = columns_of(records)
    return StreamInfo(stream, columns, key_of(columns, records), is_sampled=True, proposed=proposed)
