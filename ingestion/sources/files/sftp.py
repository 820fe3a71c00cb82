"""Files on an SFTP server, whose host key a person has compared."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import TYPE_CHECKING

from ingestion.sources.contract import FormField, Settings
from ingestion.sources.files.kind import FileSource
from ingestion.sources.files.places import FileGone, FileRefused, FileThere, FoundFile, Place, Reader
from ingestion.sources.files.walking import Walk
from ingestion.sources.packages import needed

if TYPE_CHECKING:
    from paramiko import SFTPAttributes, SFTPClient


PASSWORD, KEY = "password", "key"


class SftpSource(FileSource):
    """Reads files that others put onto an SFTP server."""

    key = "sftp"
    title = "SFTP server"
    fields: tuple[FormField, ...] = (
        FormField("host", "Host", placeholder="sftp.example.com", is_place=True),
        FormField("port", "Port", is_required=False, placeholder="22", help="empty: 22", is_place=True),
        FormField("user", "User"),
        FormField(
            "auth", "Log in by", default=PASSWORD,
            choices=((PASSWORD, "Password"), (KEY, "Private key")),
        ),
        FormField("password", "Password", is_secret=True, shown_if=("auth", (PASSWORD,))),
        FormField(
            "private_key", "Private key", is_secret=True, is_long=True, shown_if=("auth", (KEY,)),
            placeholder="-----BEGIN OPENSSH PRIVATE KEY-----", help="the whole file; its public half belongs into the user's authorized_keys",
        ),
        FormField(
            "passphrase", "Passphrase of the key", is_secret=True, is_required=False, shown_if=("auth", (KEY,)), goes_with="private_key",
            help="if it has one",
        ),
        FormField(
            "fingerprint", "Host key", is_required=False, is_found=True, placeholder="SHA256:…",
            help="leave it empty and test the connection: it shows the server's key, for you to compare with what its administrator says",
        ),
        FormField("folder", "Folder", is_required=False, placeholder="/outgoing", help="empty: where the login begins"),
    )  # fmt: skip

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Place]:
        """The folder of the server."""
        with needed("paramiko", by="SFTP servers"):
            from ingestion.sources.files.sftp_session import session  # noqa: PLC0415 -- paramiko takes long to load

        with session(settings) as client:
            yield SftpFolder(client, settings.get("folder", ""))

    def identity(self, settings: Settings) -> str:
        """The server, the user and the folder."""
        return "\0".join(settings.get(name, "") for name in ("host", "port", "user", "folder"))


class SftpFolder:
    """A folder of a server. Only plain files are opened; links are followed by the server, within what it lets the user see."""

    def __init__(self, client: "SFTPClient", root: str) -> None:
        self._client, self._root = client, root.rstrip("/")
        self._client.chdir(f"{self._root}/" if root else None)

    def files(self, walk: Walk) -> Iterator[FoundFile]:
        """All that match, folder by folder."""
        for folder in walk.folders():
            for found, mode in self._listed(folder, walk):
                if stat.S_ISDIR(mode):
                    walk.enter(found.name)
                elif stat.S_ISREG(mode) and walk.means(found.name):
                    yield found
                elif stat.S_ISLNK(mode) and walk.means(found.name):
                    yield from self._behind(found.name)

    def look(self, name: str) -> FoundFile:
        """As it is, behind links."""
        try:
            about = self._client.stat(name)
        except FileNotFoundError:
            raise FileGone(name) from None
        except PermissionError:
            raise FileRefused("the user may not see it") from None
        if not stat.S_ISREG(about.st_mode or 0):
            raise FileRefused("it is no plain file")
        return _found(name, about)

    @contextmanager
    def open(self, name: str) -> Iterator[Reader]:
        """Only what is a plain file, for opening another one may wait for ever."""
        from ingestion.sources.files.sftp_reader import SftpReader  # noqa: PLC0415 -- paramiko takes long to load

        size = self.look(name).size
        try:
            file = self._client.open(name, "rb")
        except FileNotFoundError:
            raise FileGone(name) from None
        except PermissionError:
            raise FileRefused("the user may not read it") from None
        with file:
            yield SftpReader(self._client, file, size)

    def move(self, name: str, to: str) -> None:
        """Rename it, without overwriting another one."""
        folder = to.rpartition("/")[0]
        try:
            self._make(folder)
            self._refuse_known(to)
            self._rename(name, to)
        except FileNotFoundError:
            raise FileGone(name) from None
        except OSError as error:
            raise FileRefused(f"the user may not move it into {folder} ({error})") from None

    def _listed(self, folder: str, walk: Walk) -> list[tuple[FoundFile, int]]:
        """All of one folder, with their modes: nothing else may be asked while a listing is under way."""
        before = f"{folder}/" if folder else ""
        try:
            return [
                (_found(f"{before}{entry.filename}", entry), entry.st_mode or 0)
                for entry in takewhile(lambda _: walk.goes_on(), self._client.listdir_iter(folder or "."))
            ]
        except FileNotFoundError:
            return []
        except PermissionError as error:
            walk.cannot_enter(folder, error)
            return []

    def _behind(self, link: str) -> Iterator[FoundFile]:
        try:
            yield self.look(link)
        except (FileGone, FileRefused):
            return  # a link to a folder, or to nowhere

    def _make(self, folder: str) -> None:
        try:
            self._client.stat(folder)
        except FileNotFoundError:
            self._client.mkdir(folder)

    def _refuse_known(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._client.lstat(name)
            raise FileThere(f"there is a {name} already")

    def _rename(self, name: str, to: str) -> None:
        try:
            self._client.posix_rename(name, to)
        except FileNotFoundError:
            raise
        except OSError:  # not every server has it
            self._client.rename(name, to)


def _found(name: str, about: "SFTPAttributes") -> FoundFile:
    return FoundFile(name, int(about.st_mtime or 0) * 1_000_000, int(about.st_size or 0))
