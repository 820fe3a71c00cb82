"""Files that others put into a folder, onto an SFTP server or into an S3-compatible store."""

from ingestion.sources.files.folder import FolderSource
from ingestion.sources.files.s3 import S3Source
from ingestion.sources.files.sftp import SftpSource

__all__ = ["FolderSource", "S3Source", "SftpSource"]
