"""Rows of a CSV file, where one bad quote must not swallow the good rows after it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingestion.imports.content import Content
from ingestion.imports.formats import FileFormat
from ingestion.imports.lines import MAX_ROW, Lines, line_blocks
from ingestion.imports.rows import BadRow, Block, Position, Row, shown

TOO_LONG = f"the row is longer than {MAX_ROW // 1024} KB"
UNCLOSED = f"a quoted value is not closed within {MAX_ROW // 1024} KB or the file"
NOT_TEXT = "the row is not valid text in the encoding of the file"
_UNFINISHED = "unexpected end of data"


def csv_blocks(content: Content, file_format: FileFormat, start: Position) -> Iterator[Block]:
    """Read on from `start`, which is where a row begins."""
    parser = _Parser(file_format, start)
    for lines in line_blocks(content):
        if lines.too_long:
            yield parser.skip(lines)
        else:
            yield parser.feed(lines)
    if parser.carried:
        yield parser.finish()


@dataclass(slots=True)
class _Found:
    rows: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


class _Parser:
    """Carries an unfinished record over to the next block; it never exceeds MAX_ROW characters and one block.

    A record that is malformed, unclosed or too long is a bad row of one line: reading goes on at the line after
    its first. This rule depends on nothing but the text from that line on, so every position gives the same rows.
    """

    def __init__(self, file_format: FileFormat, start: Position) -> None:
        self._format = file_format
        self._width = len(file_format.columns)
        self._offset, self._line, self._row = start.offset, start.line, start.row
        self._header_due = file_format.has_header and start.offset == 0
        self._suspect = False
        self.carried: list[str] = []

    def feed(self, lines: Lines) -> Block:
        self._offset += lines.size
        try:
            text = lines.data.decode()
        except UnicodeDecodeError:
            text = lines.data.decode(errors="surrogateescape")
            self._suspect = True
        return self._read([*self.carried, *io.StringIO(text, newline="")], final=False)

    def skip(self, lines: Lines) -> Block:
        """Pass over a line that is too long, and with it whatever record it would have ended."""
        ready = self.finish()
        self._line += 1
        self._row += 1
        self._offset += lines.size
        bad = BadRow(self._row, self._line, TOO_LONG, shown(lines.data.decode(errors="replace")))
        return Block(self._position(), ready.rows, [*ready.bad, bad])

    def finish(self) -> Block:
        return self._read(self.carried, final=True)

    def _position(self) -> Position:
        pending = sum(len(line.encode(errors="surrogateescape")) for line in self.carried)
        return Position(self._offset - pending, self._line, self._row)

    def _read(self, lines: list[str], *, final: bool) -> Block:
        found, index = _Found(), 0
        self.carried = []
        while index < len(lines):
            index = self._read_until_trouble(lines, index, found, final=final)
            if self.carried:
                break
        return Block(self._position(), found.rows, found.bad)

    def _read_until_trouble(self, lines: list[str], index: int, found: _Found, *, final: bool) -> int:
        """Take rows from `index` on. Returns the index at which to begin again."""
        reader = csv.reader(
            map(lines.__getitem__, range(index, len(lines))),
            delimiter=self._format.delimiter, skipinitialspace=self._format.delimiter == " ", strict=True,
        )  # fmt: skip
        first, begun = index, index
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return len(lines)
            except csv.Error as error:
                if str(error) == _UNFINISHED and not final and _size(lines[begun:]) <= MAX_ROW:
                    self.carried = lines[begun:]
                    return begun
                self._add_bad(found, lines[begun], _reason(error))
                if first + reader.line_num == begun + 1:
                    begun += 1
                    continue
                return begun + 1
            after = first + reader.line_num
            if len(lines[begun]) > MAX_ROW or (after - begun > 1 and _size(lines[begun:after]) > MAX_ROW):
                self._add_bad(found, lines[begun], TOO_LONG)
                return begun + 1
            self._add(found, cells, lines, begun, after)
            begun = after

    def _add(self, found: _Found, cells: list[str], lines: list[str], begun: int, after: int) -> None:
        line = self._line + 1
        self._line += after - begun
        if self._header_due:
            self._header_due = False
            return
        if not any(cells):
            return
        self._row += 1
        width = self._width
        if len(cells) != width:
            if len(cells) < width or any(cells[width:]):
                reason = f"the row has {len(cells)} values, the file has {width} columns"
                found.bad.append(BadRow(self._row, line, reason, shown("".join(lines[begun:after]))))
                return
            del cells[width:]
        if self._suspect and not _is_text(cells):
            found.bad.append(BadRow(self._row, line, NOT_TEXT, shown("".join(lines[begun:after]))))
            return
        found.rows.append(Row(self._row, line, cells))

    def _add_bad(self, found: _Found, raw: str, reason: str) -> None:
        self._line += 1
        self._row += 1
        self._header_due = False
        found.bad.append(BadRow(self._row, self._line, reason, shown(raw.rstrip("\r\n"))))


def _is_text(cells: list[str]) -> bool:
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return False
    return True


def _size(lines: list[str]) -> int:
    return sum(map(len, lines))


def _reason(error: csv.Error) -> str:
    said = str(error)
    if said == _UNFINISHED or said.startswith("field larger"):
        return UNCLOSED
    return f"the row is malformed: {said}"
