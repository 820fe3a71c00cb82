"""The lines of all processes in one stream, each with the name of who wrote it."""

from typing import TextIO

LONGEST_LINE = 64 * 1024
_COLOURS = (36, 33, 32, 35, 34, 96)
_NAME_WIDTH = 9


class Output:
    """Writes whole lines only; a line that never ends is cut."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = stream.isatty()
        self._unfinished: dict[str, bytes] = {}
        self._colours: dict[str, int] = {}

    def say(self, name: str, line: str) -> None:
        """Write one line of `name`."""
        label = f"{name:<{_NAME_WIDTH}} | "
        if self._coloured:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            label = f"\x1b[{colour}m{label}\x1b[0m"
        self._stream.write(f"{label}{line}\n")
        self._stream.flush()

    def feed(self, name: str, data: bytes) -> None:
        """Take what the process wrote; empty data is the end of its stream."""
        *lines, rest = (self._unfinished.pop(name, b"") + data).split(b"\n")
        if rest and (not data or len(rest) > LONGEST_LINE):
            lines.append(rest)
        elif rest:
            self._unfinished[name] = rest
        for line in lines:
            self.say(name, line.decode(errors="replace").rstrip("\r"))
