"""The jars of Apache Kafka, and the archive of their classes beside them."""

import hashlib
import shutil
from pathlib import Path

from tests.maven import fetched

KAFKA_VERSION = "4.4.0"
_PROJECT = f"""
<groupId>local</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
  <version>{KAFKA_VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies>
"""


def provision_jars() -> Path:
    """The directory with the broker's jars. Raises JavaMissing."""
    return fetched(f"kafka-{KAFKA_VERSION}", "copy-dependencies", "-DincludeScope=runtime", project=_PROJECT)


def class_archive(jars: Path) -> Path:
    """Where the classes that a node loads are kept as this Java has them in memory, if they are."""
    java = Path(shutil.which("java") or "java").resolve()
    known = f"{java} {java.stat().st_mtime_ns if java.exists() else 0}"
    return jars / f"classes-{hashlib.sha256(known.encode()).hexdigest()[:16]}.jsa"
