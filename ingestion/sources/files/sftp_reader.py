"""A file on an SFTP server, of which exactly what is asked for is fetched, by several requests at once.

What paramiko has for that fetches a file from its beginning to its end, by a thread that outlives the file. It has no
public call for requests that are under way together.
"""

import io
import os
from collections import deque
from typing import TYPE_CHECKING, Any

from paramiko.sftp import CMD_DATA, CMD_READ, CMD_STATUS, int64

if TYPE_CHECKING:
    from paramiko import Message, SFTPClient, SFTPFile

_PART = 32_768  # every server gives so many bytes at once, or says how many it gives
_MOST_AT_ONCE = 1 << 20
_MOST_REQUESTS = 64


class SftpReader(io.RawIOBase):
    """Reads an open file, and seeks in it. `size` is how large it was when it was opened."""

    def __init__(self, client: "SFTPClient", file: "SFTPFile", size: int) -> None:
        self._client, self._file, self._size = client, file, size
        self._at, self._part = 0, _PART
        self._answers: dict[int, tuple[int, Message] | None] = {}

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Which byte is read next."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go on at this byte; nothing is fetched."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = begin + offset
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer, or its beginning; 0 at the end. Raises OSError, SSHException."""
        into = memoryview(buffer).cast("B")
        left = max(self._size - self._at, self._part)  # it may have grown
        asked = self._ask(min(len(into), left, _MOST_AT_ONCE, _MOST_REQUESTS * self._part))
        done = 0
        while asked:
            number, length = asked.popleft()
            part = self._answer(number)[:length]
            into[done : done + len(part)] = part
            done += len(part)
            if len(part) < length:
                if self._at + done < self._size:  # not its end, but as much as this server gives at once
                    self._part = min(self._part, len(part) or _PART)
                break
        self._answers.clear()  # those that are still under way are dropped when they come
        self._at += done
        return done

    def _ask(self, size: int) -> deque[tuple[int, int]]:
        asked: deque[tuple[int, int]] = deque()
        for begin in range(0, size, self._part):
            length = min(self._part, size - begin)
            place = int64(self._at + begin)
            number = self._client._async_request(self, CMD_READ, self._file.handle, place, length)  # noqa: SLF001 -- see above
            self._answers[number] = None
            asked.append((number, length))
        return asked

    def _answer(self, number: int) -> bytes:
        while (answer := self._answers[number]) is None:
            self._client._read_response()  # noqa: SLF001 -- as above
        kind, message = answer
        if kind == CMD_STATUS:
            try:
                self._client._convert_status(message)  # noqa: SLF001 -- as above
            except EOFError:
                return b""
        return message.get_string() if kind == CMD_DATA else b""

    def _async_response(self, kind: int, message: "Message", number: int) -> None:
        """What paramiko calls with each answer."""
        if number in self._answers:
            self._answers[number] = kind, message
