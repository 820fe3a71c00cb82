"""The settings as a whole: no model without its migration, and what Django's own deployment check says."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def manage(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env={**os.environ, **environment}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


def test_every_model_has_its_migration(migrated_template):
    done = manage("makemigrations", "--check", "--dry-run", DATABASE_URL=migrated_template.url)
    assert done.returncode == 0, done.stdout + done.stderr


def test_djangos_deployment_check_has_nothing_to_say_behind_tls():
    done = manage("check", "--deploy", "--fail-level", "WARNING", PUBLIC_URL="https://cdp.example.com")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "secure"), [("https://cdp.example.com", "True"), ("http://localhost:8000", "False")]
)
def test_cookies_follow_the_public_address(url, secure):
    program = (
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PUBLIC_URL": url, "DJANGO_SETTINGS_MODULE": "cdp_site.settings"},
    )  # fmt: skip
    assert done.stdout.split() == [secure] * 4


def test_no_process_loads_at_its_start_what_only_some_jobs_need():
    heavy = {"sqlalchemy", "pgmq", "pyarrow", "paramiko", "pymysql", "paho", "python_calamine", "playwright"}
    program = f"import django; django.setup(); import sys; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "cdp_site.settings"},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
