"""Rows of a file that is one JSON array: an object is a row, however the array is broken into lines."""

import codecs
import json
import re
from collections.abc import Iterator

from ingestion.imports.content import Content
from ingestion.imports.formats import UnreadableFile
from ingestion.imports.json_rows import TOO_LONG, json_object
from ingestion.imports.lines import BLOCK, MAX_ROW
from ingestion.imports.rows import BadRow, Block, Position, Row, shown

_BETWEEN = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
_WHITE = " \t\r\n"
_OPENING = re.compile(r"[ \t\r\n]*\[")
_decode = json.JSONDecoder().raw_decode


def array_of_objects(content: Content, columns: tuple[str, ...], start: Position) -> Iterator[Block]:
    """Read on from `start`. Without `columns` each object is the only value of its row. Memory stays within two blocks.

    Where the array is malformed or torn nothing tells where the next object begins: there it raises UnreadableFile, with
    the rows before it given.
    """
    reading = _Reading(content, start)
    while not reading.is_over:
        found = Block(start)
        trouble = reading.take(found, columns)
        yield Block(reading.position(), found.rows, found.bad)
        if trouble:
            raise UnreadableFile(trouble)


class _Reading:
    """The part of the array that is in memory, and where it stands."""

    def __init__(self, content: Content, start: Position) -> None:
        self._content, self._at = content, start
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text, self._is_whole = "", False
        self._is_open = start.offset > 0
        self.is_over = False

    def position(self) -> Position:
        return self._at

    def take(self, found: Block, columns: tuple[str, ...]) -> str:
        """Add the rows that end within the next part of the array. What is wrong with the rest, if something is."""
        self._fill()
        place, trouble = (0, "") if self._is_open else self._open()
        offset, line, number = self._at.offset, self._at.line, self._at.row
        taken, line = place, line + self._text.count("\n", 0, place)
        while not trouble and not self.is_over:
            begin = self._between(place)
            line += self._text.count("\n", place, begin)
            place = taken = begin
            if self._text[begin : begin + 1] == "]":
                self.is_over = True
                break
            end = self._end_of(begin)
            if end is None:
                trouble = self._trouble(begin, number + 1)
                break
            number += 1
            self._add(found, self._text[begin:end], number, line + 1, columns)
            line += self._text.count("\n", begin, end)
            place = taken = end
        size = len(self._text[:taken].encode(errors="surrogateescape"))
        self._text = self._text[taken:]
        self._at = Position(offset + size, line, number)
        return self._after(number) if self.is_over else trouble

    def _fill(self) -> None:
        while len(self._text) < 2 * BLOCK and not self._is_whole:
            chunk = self._content.read(BLOCK)
            self._text += self._decoder.decode(chunk, final=not chunk)
            self._is_whole = not chunk

    def _open(self) -> tuple[int, str]:
        opening = _OPENING.match(self._text)
        self._is_open = True
        return (opening.end(), "") if opening else (0, "the file is no JSON array")

    def _after(self, number: int) -> str:
        """What is wrong with the file behind the end of the array: only white space may follow."""
        self._text = self._text.removeprefix("]").lstrip(_WHITE)
        while not self._text and not self._is_whole:
            self._fill()
            self._text = self._text.lstrip(_WHITE)
        if not self._text:
            return ""
        return f"something follows the array, after object {number:,}: write one array, or one object a line"

    def _between(self, place: int) -> int:
        between = _BETWEEN.match(self._text, place)
        return between.end() if between else place

    def _end_of(self, begin: int) -> int | None:
        """Where the value that begins here ends; None when that is not in memory, or nowhere."""
        try:
            _, end = _decode(self._text, begin)
        except (ValueError, RecursionError):
            return None
        return end if end < len(self._text) or self._is_whole else None

    def _trouble(self, begin: int, number: int) -> str:
        """Why no value ends here; nothing when more of the file has to be read first."""
        if self._is_whole:
            return (
                f"the array is torn or malformed at object {number:,}: what stands after that cannot be read"
            )
        if len(self._text) - begin > BLOCK:
            return f"object {number:,} is longer than {BLOCK // 1024} KB or malformed: what stands after that cannot be read"
        return ""

    @staticmethod
    def _add(found: Block, text: str, number: int, line: int, columns: tuple[str, ...]) -> None:
        piece = text.encode(errors="surrogateescape")
        try:
            read = None if len(piece) > MAX_ROW else json_object(piece, "the element")
        except ValueError as error:
            found.bad.append(BadRow(number, line, str(error), shown(piece.decode(errors="replace"))))
            return
        if read is None:
            found.bad.append(BadRow(number, line, TOO_LONG, shown(piece.decode(errors="replace"))))
            return
        values = [read.get(column) for column in columns] if columns else [read]
        found.rows.append(Row(number, line, values))
