"""Files that answers hold open of which a test reads nothing: closed after it, or a later test would be told of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import FileResponse
from django.test import Client


@pytest.fixture(autouse=True)
def _close_answered_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what Django's test client was answered with as a file, which it hides from the answer in an iterator."""
    closers: list[Callable[[], Any]] = []
    request = Client.request

    def remembered(client: Client, **environ: Any) -> Any:
        answer: Any = request(client, **environ)
        if isinstance(answer, FileResponse):
            closers.extend(vars(answer)["_resource_closers"])
        return answer

    monkeypatch.setattr(Client, "request", remembered)
    yield
    for close in closers:
        close()
