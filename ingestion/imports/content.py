"""The content of a file as one stream of UTF-8: decompressed, without byte order mark, in bounded memory."""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from ingestion.imports.formats import Encoding, FileFormat, UnreadableFile

CHUNK = 1 << 18
GZIP_MAGIC = b"\x1f\x8b"
MAX_EXPANSION = 250  # text rarely packs better than 30 to 1; a bomb does 1,000 to 1
EXPANSION_ALWAYS_ALLOWED = 64 << 20


class Content(Protocol):
    """A stream that is read forwards."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""


class _Transcoded:
    """UTF-8 from another encoding. What cannot be decoded stays visible as bytes that are not UTF-8 either."""

    def __init__(self, raw: Content, encoding: Encoding) -> None:
        self._raw = raw
        errors = "surrogateescape" if encoding == Encoding.WINDOWS_1252 else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._ready = bytearray()

    def read(self, size: int, /) -> bytes:
        while len(self._ready) < size:
            chunk = self._raw.read(CHUNK)
            self._ready += self._decoder.decode(chunk, final=not chunk).encode(errors="surrogateescape")
            if not chunk:
                break
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken


class _Unpacked:
    """A gzip stream that says what is wrong with it, and that does not grow without bound."""

    def __init__(self, packed: IO[bytes], packed_bytes: int) -> None:
        self._stream = gzip.GzipFile(fileobj=packed)
        self._limit = max(EXPANSION_ALWAYS_ALLOWED, packed_bytes * MAX_EXPANSION)
        self._total = 0

    def read(self, size: int, /) -> bytes:
        try:
            chunk = self._stream.read(size)
        except (EOFError, OSError, zlib.error) as error:
            raise UnreadableFile(f"the compressed file is torn or damaged: {error}") from error
        self._total += len(chunk)
        if self._total > self._limit:
            raise UnreadableFile(
                f"the compressed file unpacks to more than {MAX_EXPANSION} times its size; "
                "if it really is data, unpack it first"
            )
        return chunk


@contextmanager
def open_unpacked(path: Path) -> Iterator[Content]:
    """The bytes of a file, decompressed when it is a gzip file (known by its first bytes, not by its name)."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        yield cast("Content", _Unpacked(file, path.stat().st_size)) if packed else file


@contextmanager
def open_content(path: Path, file_format: FileFormat, offset: int = 0) -> Iterator[Content]:
    """The content from `offset` of its UTF-8 on. Raises UnreadableFile, also while it is read."""
    with open_unpacked(path) as raw:
        plain = not file_format.gzipped and file_format.encoding == Encoding.UTF_8
        if plain:
            cast("IO[bytes]", raw).seek(file_format.bom + offset)
            yield raw
            return
        raw.read(file_format.bom)
        content = raw if file_format.encoding == Encoding.UTF_8 else _Transcoded(raw, file_format.encoding)
        _pass_over(content, offset)
        yield content


def _pass_over(content: Content, count: int) -> None:
    while count and (chunk := content.read(min(count, CHUNK))):
        count -= len(chunk)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a file: the hash of its content, however it was compressed or named."""

    sha256: str
    content_bytes: int


def fingerprint(path: Path) -> Fingerprint:
    """Read the whole file once. Raises UnreadableFile for a torn or an exploding one."""
    digest, total = hashlib.sha256(), 0
    with open_unpacked(path) as raw:
        while chunk := raw.read(CHUNK):
            digest.update(chunk)
            total += len(chunk)
    return Fingerprint(digest.hexdigest(), total)
