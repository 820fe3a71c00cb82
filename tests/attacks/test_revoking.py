"""Attack 30 and stolen cookies: whoever is shut out is out at once, in every process of the web server and on every connection."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.utils import timezone

from compliance.domain.tokens import revoke_token
from compliance.domain.users import deactivate
from compliance.models import ApiToken, Role, User
from tests.attacks.world import BY, World, staff, token
from tests.ingestion.collector.serving import Server

PROCESSES, CONNECTIONS = 2, 12


class Several(Server):
    """The web server with several processes."""

    def command(self) -> list[str]:
        command = super().command()
        command[command.index("--workers") + 1] = str(PROCESSES)
        return command


@pytest.fixture(scope="module")
def server(world: World, database, tmp_path_factory) -> Iterator[Several]:
    """Beside the product's own, on its database and with its keys."""
    several = Several(world.environment, tmp_path_factory.mktemp("several"))
    try:
        several.start()
        yield several
    finally:
        several.stop()


class Connections:
    """Connections that stay open, so that the kernel has spread them over the processes; they ask side by side."""

    def __init__(self, server: Several, path: str, headers: dict[str, str]) -> None:
        self._path, self._headers = path, headers
        self._open = [
            http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(CONNECTIONS)
        ]

    def ask(self) -> set[int]:
        """What all of them are answered."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            return set(pool.map(self._one, self._open))

    def _one(self, connection: http.client.HTTPConnection) -> int:
        try:
            return self._answer(connection)
        except (http.client.RemoteDisconnected, ConnectionError):
            connection.close()  # the server lets go of one on which nothing came for two seconds
            return self._answer(connection)

    def _answer(self, connection: http.client.HTTPConnection) -> int:
        connection.request("GET", self._path, headers=self._headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        for connection in self._open:
            connection.close()


@pytest.fixture
def connected(server) -> Iterator:
    made: list[Connections] = []

    def connect(path: str, headers: dict[str, str]) -> Connections:
        made.append(Connections(server, path, headers))
        return made[-1]

    yield connect
    for each in made:
        each.close()


@pytest.mark.parametrize(
    "path", ["/api/v1/profiles/", "/api/v1/profiles/?identifier=user_id:nobody", "/api/v1/sources/"]
)
@pytest.mark.parametrize("end", ["revoked", "expired", "narrowed"])
def test_a_token_is_refused_by_the_next_request(connected, path, end):
    """The second address is answered on the event loop, with statements that were prepared before."""
    callers = connected(path, {"Authorization": f"Bearer {token()}"})
    assert callers.ask() == {200}
    row = ApiToken.objects.latest("pk")
    if end == "revoked":
        revoke_token(token=row, by=BY, now=timezone.now())
    elif end == "expired":
        ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    else:
        ApiToken.objects.filter(pk=row.pk).update(scopes=["home.view"])
    # Whoever comes with a token that is no longer good too often is told to wait, and let in no more for it.
    assert callers.ask() <= ({403} if end == "narrowed" else {401, 429})


@pytest.mark.parametrize("end", ["signed out", "deactivated", "narrowed"])
def test_a_stolen_cookie_is_worth_nothing_by_the_next_request(connected, end):
    owner = staff(f"stolen {end}")
    cookie = owner.cookies[settings.SESSION_COOKIE_NAME].value
    thieves = connected("/admin/people/", {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    assert thieves.ask() == {200}
    if end == "signed out":
        owner.post("/admin/logout/")
    elif end == "deactivated":
        deactivate(user=User.objects.get(username=f"stolen {end}"), by=BY)
    else:
        Role.objects.filter(group__name=f"stolen {end}").update(operations=["home.view"])
    assert thieves.ask() == {403 if end == "narrowed" else 302}
