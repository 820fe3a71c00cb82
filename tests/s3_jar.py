"""The jar of S3Proxy, a server that speaks S3 over a folder."""

from pathlib import Path

from tests.maven import fetched

VERSION = "4.1.0"
_ARTIFACT = f"org.gaul:s3proxy:{VERSION}:jar:jar-with-dependencies"


def provision_jar() -> Path:
    """The jar. Raises JavaMissing."""
    return next(fetched(f"s3proxy-{VERSION}", "copy", f"-Dartifact={_ARTIFACT}").glob("*.jar"))
