"""A folder of the machine that runs the workers, below the roots that the operator allowed."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings as installation

from ingestion.sources.contract import FormField, Settings, SourceRefused, SourceUnavailable
from ingestion.sources.files.kind import FileSource
from ingestion.sources.files.places import FileGone, FileRefused, FileThere, FoundFile, Place
from ingestion.sources.files.walking import Walk

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class FolderSource(FileSource):
    """Reads files that others put into a folder."""

    key = "folder"
    title = "Watched folder"
    fields: tuple[FormField, ...] = (
        FormField(
            "folder",
            "Folder",
            placeholder="/srv/incoming",
            help="its whole path on the machine of the workers; it stands below one of WATCHED_FOLDERS",
        ),
    )

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Place]:
        """The folder, when it is allowed and there."""
        with _said():
            yield Folder(allowed_folder(settings.get("folder", "")))

    def identity(self, settings: Settings) -> str:
        """The path."""
        return settings.get("folder", "")


def allowed_folder(typed: str) -> Path:
    """The folder itself, behind all links. Raises SourceRefused unless it stands below an allowed root."""
    roots = [Path(root).resolve() for root in installation.WATCHED_FOLDERS]
    if not roots:
        raise SourceRefused(
            "No folder may be watched yet: whoever runs Headwater allows some by the setting WATCHED_FOLDERS, such as "
            "WATCHED_FOLDERS=/srv/incoming, on every process."
        )
    path = Path(typed)
    if not path.is_absolute() or ".." in path.parts:
        raise SourceRefused("Give the whole path of the folder, such as /srv/incoming, without “..”.")
    real = path.resolve()
    if not any(real.is_relative_to(root) for root in roots):
        raise SourceRefused(
            f"{typed} does not stand below a folder that may be watched ({', '.join(map(str, roots))}): choose one "
            "there, or have it added to WATCHED_FOLDERS."
        )
    if not real.is_dir():
        raise SourceRefused(f"There is no folder {typed} on the machine that runs Headwater's workers.")
    return real


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise SourceRefused(f"Headwater may not read {error.filename}: give its user permission.") from None
    except OSError as error:
        raise SourceUnavailable(f"The folder cannot be read now: {error.strerror}.") from None


class Folder:
    """An allowed folder.

    Files are opened from the root on, part by part and without following links: nothing that is changed meanwhile
    leads out of it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def files(self, walk: Walk) -> Iterator[FoundFile]:
        """All that match, folder by folder."""
        for folder in walk.folders():
            try:
                yield from self._files_in(folder, walk)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                walk.cannot_enter(folder, error)

    def look(self, name: str) -> FoundFile:
        """As it is, behind a link that stays inside."""
        with self.open(name) as file:
            return _found(name, os.fstat(file.fileno()))

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Only what is a plain file below the root."""
        with os.fdopen(self._opened(name), "rb", buffering=0) as file:
            _refuse_special(os.fstat(file.fileno()))
            os.set_blocking(file.fileno(), True)
            yield file

    def move(self, name: str, to: str) -> None:
        """Rename it, without overwriting another one."""
        source, target = self._root / name, self._root / to
        try:
            target.parent.mkdir(exist_ok=True)
            if any(folder.resolve() != folder for folder in (source.parent, target.parent)):
                raise FileRefused("its folder is a link")
            if os.path.lexists(target):
                raise FileThere(f"there is a {to} already")
            source.rename(target)
        except FileNotFoundError:
            raise FileGone(name) from None
        except OSError as error:
            raise FileRefused(error.strerror or "it cannot be moved") from None

    def _files_in(self, folder: str, walk: Walk) -> Iterator[FoundFile]:
        with os.scandir(self._root / folder) as entries:
            for entry in entries:
                if not walk.goes_on():
                    return
                name = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    walk.enter(name)
                elif walk.means(name):
                    with suppress(FileNotFoundError):
                        yield self._listed(name, entry)

    def _listed(self, name: str, entry: "os.DirEntry[str]") -> FoundFile:
        """As what it is behind a link; as the link itself where that leads to nothing that may be read."""
        if entry.is_symlink():
            with suppress(FileGone, FileRefused):
                return self.look(name)
        return _found(name, entry.stat(follow_symlinks=False))

    def _opened(self, name: str) -> int:
        try:
            return self._descriptor(self._inside(name))
        except FileGone:
            if (self._root / name).is_symlink():
                raise FileRefused("it is a link that leads nowhere") from None
            raise

    def _inside(self, name: str) -> Path:
        """The way to a file from the root on, once all links are followed. Raises FileRefused when it leads out."""
        try:
            real = (self._root / name).resolve()
        except (RuntimeError, OSError):
            raise FileRefused("it is a link that leads nowhere") from None
        if not real.is_relative_to(self._root):
            raise FileRefused("it is a link that leads out of the folder")
        return real.relative_to(self._root)

    def _descriptor(self, way: Path) -> int:
        holder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in way.parts[:-1]:
                inner = os.open(part, _READ | os.O_DIRECTORY, dir_fd=holder)
                os.close(holder)
                holder = inner
            _refuse_special(os.stat(way.name, dir_fd=holder, follow_symlinks=False))
            return os.open(way.name, _READ, dir_fd=holder)
        except (FileNotFoundError, NotADirectoryError):
            raise FileGone(str(way)) from None
        except OSError as error:
            raise FileRefused(error.strerror or "it cannot be opened") from None
        finally:
            os.close(holder)


def _refuse_special(about: os.stat_result) -> None:
    """Opening a pipe or a device is enough to do something to it, or to wait for ever."""
    if not stat.S_ISREG(about.st_mode):
        raise FileRefused("it is no plain file")


def _found(name: str, about: os.stat_result) -> FoundFile:
    return FoundFile(name, about.st_mtime_ns // 1000, about.st_size)
