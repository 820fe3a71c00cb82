"""Installations without the packages of a kind say which one it needs, before anything is connected to."""

import sys

import pytest

from ingestion.sources.contract import SourceRefused
from ingestion.sources.registry import kind_named

MQTT = {"host": "127.0.0.1", "port": "1", "tls": "off", "client_id": "c", "version": "5"}


@pytest.mark.parametrize(
    ("kind", "settings", "lacking", "package"),
    [
        ("mqtt", MQTT, "ingestion.sources.mqtt.describing", "paho-mqtt"),
        ("sftp", {"host": "127.0.0.1"}, "ingestion.sources.files.sftp_session", "paramiko"),
        ("s3", {"bucket": "b"}, "ingestion.sources.files.s3_session", "pyarrow"),
        ("s3", {"bucket": "b"}, "ingestion.sources.files.s3_listing", "botocore"),
        ("sql", {"dialect": "mysql", "host": "127.0.0.1", "database": "d"}, "pymysql.constants", "PyMySQL"),
    ],
)
def test_a_package_that_is_not_there_is_named(kind, settings, lacking, package, monkeypatch):
    monkeypatch.setitem(sys.modules, lacking, None)
    with pytest.raises(SourceRefused, match=f"need the package {package}: install requirements/sources.txt"):
        kind_named(kind).check(settings)
