"""What is read or looked at."""

from dataclasses import dataclass

from ingestion.sources.files.options import Options
from ingestion.sources.files.places import Place


@dataclass(frozen=True, slots=True)
class Subject:
    """The files of an open place that a person means; `about` tells them from those of other places and patterns."""

    place: Place
    options: Options
    about: str
