"""What a file is: its kind, encoding, compression, delimiter and columns."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class UnreadableFile(ValueError):
    """The file as a whole cannot be imported; the message says why and what would help."""


class EmptyFile(UnreadableFile):
    """There are no rows in it."""


class ReaderMissing(UnreadableFile):
    """What reads such files is not installed here."""


class FileKind(StrEnum):
    """The kinds of files that can be read."""

    CSV = "csv"
    JSON_LINES = "json_lines"
    JSON_ARRAY = "json_array"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Encoding(StrEnum):
    """The encodings that are recognised. Windows-1252 holds all printable characters of Latin-1."""

    UTF_8 = "utf-8"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    WINDOWS_1252 = "cp1252"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How to read a file. `bom` is the length of its byte order mark; `columns` are distinct and not empty.

    `rows` is how many there are, where the file says so. Of a spreadsheet `sheet` is the one of `sheets` that is read.
    """

    kind: FileKind
    encoding: Encoding = Encoding.UTF_8
    gzipped: bool = False
    bom: int = 0
    delimiter: str = ""
    has_header: bool = False
    columns: tuple[str, ...] = ()
    rows: int = 0
    sheet: str = ""
    sheets: int = 0

    def only(self, columns: tuple[str, ...]) -> "FileFormat":
        """The same with these columns; objects that are read without any are the only value of their row."""
        return replace(self, columns=columns)

    def to_json(self) -> dict[str, Any]:
        """The form in which an import keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "FileFormat":
        """The format that `to_json` gave."""
        return cls(
            **{
                **stored,
                "kind": FileKind(stored["kind"]),
                "encoding": Encoding(stored["encoding"]),
                "columns": tuple(stored["columns"]),
            }
        )
