"""Files that answers hold open of which a test reads nothing: closed after it, or a later test would be told of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import FileResponse
from django.test import Client


@pytest.fixture(autouse=True)
def _close_answered_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what Django's test client was answered with as a file."""
    files: list[Any] = []
    request = Client.request

    def remembered(client: Client, **environ: Any) -> Any:
        answer: Any = request(client, **environ)
        if isinstance(answer, FileResponse):
            files.append(answer.file_to_stream)
        return answer

    monkeypatch.setattr(Client, "request", remembered)
    yield
    for file in files:
        if file is not None:
            file.close()
