"""Files in a store that speaks S3: of Amazon, MinIO, Ceph and others."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from ingestion.sources.contract import FormField, Settings
from ingestion.sources.files.kind import FileSource
from ingestion.sources.files.places import FileGone, FileRefused, FoundFile, Place, Reader
from ingestion.sources.files.walking import Walk
from ingestion.sources.packages import needed

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, S3FileSystem

    from ingestion.sources.files.s3_listing import Entry, Listing

TLS, PLAIN = "tls", "plain"


class S3Source(FileSource):
    """Reads objects of a bucket; folders are the parts of their keys."""

    key = "s3"
    title = "S3-compatible store"
    fields: tuple[FormField, ...] = (
        FormField(
            "endpoint", "Endpoint", is_required=False, is_place=True, placeholder="minio.example.com:9000",
            help="host and port; empty: Amazon",
        ),
        FormField("region", "Region", default="us-east-1"),
        FormField("bucket", "Bucket", placeholder="exports"),
        FormField("prefix", "Folder", is_required=False, placeholder="crm/daily", help="the beginning of the keys; empty: the whole bucket"),
        FormField("access_key", "Access key", placeholder="AKIA…"),
        FormField("secret_key", "Secret key", is_secret=True, help="of a user who may list and read the bucket, and no more"),
        FormField(
            "transport", "Encryption on the way", default=TLS, is_place=True,
            choices=((TLS, "Always (TLS), with a certificate for this host"), (PLAIN, "Never: only within your own network")),
        ),
    )  # fmt: skip

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Place]:
        """The folder of the bucket."""
        with needed("pyarrow", by="S3-compatible stores"):
            from ingestion.sources.files.s3_session import root_of, session  # noqa: PLC0415 -- pyarrow takes long to load
        with needed("botocore", by="S3-compatible stores"):
            from ingestion.sources.files.s3_listing import listing  # noqa: PLC0415 -- as the session

        with session(settings) as store:
            root = root_of(settings)
            with listing(settings) as objects:
                yield S3Folder(store, root, objects)

    def identity(self, settings: Settings) -> str:
        """The store, the bucket and the folder."""
        return "\0".join(settings.get(name, "") for name in ("endpoint", "bucket", "prefix"))


class S3Folder:
    """A folder of a bucket. A listing comes in pages, folder by folder."""

    def __init__(self, store: "S3FileSystem", root: str, objects: "Listing") -> None:
        self._store, self._root, self._objects = store, root, objects
        self._prefix = root.partition("/")[2]

    def files(self, walk: Walk) -> Iterator[FoundFile]:
        """All that match."""
        for folder in walk.folders():
            for entry in self._entries(folder, walk):
                name = entry.name.removeprefix(f"{self._prefix}/") if self._prefix else entry.name
                if entry.is_folder:
                    walk.enter(name)
                elif name and not name.endswith("/") and walk.means(name):
                    yield FoundFile(name, entry.modified, entry.size)

    def look(self, name: str) -> FoundFile:
        """As it is."""
        from pyarrow.fs import FileType  # noqa: PLC0415 -- it takes long to load

        found = self._store.get_file_info(self._path(name))
        if found.type != FileType.File:
            raise FileGone(name)
        return _found(name, found)

    @contextmanager
    def open(self, name: str) -> Iterator[Reader]:
        """Read it in ranges, as far as it is asked for."""
        try:
            file = self._store.open_input_file(self._path(name))
        except FileNotFoundError:
            raise FileGone(name) from None
        except PermissionError as error:
            raise FileRefused("the access key may not read it") from error
        with file:
            yield cast("Reader", file)

    def move(self, name: str, to: str) -> None:
        """Copy it to another key, then delete it."""
        try:
            self._store.move(self._path(name), self._path(to))
        except FileNotFoundError:
            raise FileGone(name) from None
        except OSError as error:
            folder = to.rpartition("/")[0]
            raise FileRefused(
                f"the access key may not write into {folder}, or delete what it read"
            ) from error

    def _entries(self, folder: str, walk: Walk) -> "Iterator[Entry]":
        is_empty = True
        try:
            for entry in self._objects.entries("/".join(filter(None, (self._prefix, folder)))):
                is_empty = False
                yield entry
        except OSError as error:
            if not _is_denied(error):
                raise
            walk.cannot_enter(folder, error)
            return
        if is_empty and self._prefix and not folder:
            raise OSError("Path does not exist")

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root


def _is_denied(error: OSError) -> bool:
    return isinstance(error, PermissionError) or "ACCESS_DENIED" in str(error)


def _found(name: str, about: "FileInfo") -> FoundFile:
    return FoundFile(name, int(about.mtime_ns or 0) // 1000, int(about.size or 0))
