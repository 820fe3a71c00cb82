"""The form of an SFTP server: what is logged in by is chosen, nothing else is asked for, and no other secret stays."""

from collections.abc import Iterator
from typing import Any

import pytest

from compliance.secrets import seal, unseal
from ingestion.models import Connection
from tests.sftp_server import SftpServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with SftpServer.running(tmp_path_factory.mktemp("sftp")) as made:
        yield made


@pytest.fixture
def form(server) -> dict[str, str]:
    return {"kind": "sftp", "name": "Exports", "source": "Exports", **server.settings}


@pytest.fixture
def made(administrator, form) -> Connection:
    answer = administrator.post("/admin/connections/new/", form)
    assert answer.status_code == 302, answer.content.decode()
    return Connection.objects.get()


def secrets(connection: Connection) -> dict[str, Any]:
    connection.refresh_from_db()
    return unseal(connection.secrets)


def test_only_the_secret_of_the_chosen_login_is_needed_and_kept(administrator, form, server, made):
    assert secrets(made) == {"private_key": server.key}
    assert made.settings["auth"] == "key"
    wrong = administrator.post("/admin/connections/new/", {**form, "name": "B", "private_key": ""})
    assert "Private key is needed" in wrong.content.decode()
    wrong = administrator.post("/admin/connections/new/", {**form, "name": "B", "auth": "password"})
    page = wrong.content.decode()
    assert "Password is needed" in page
    assert "Private key is needed" not in page


def test_a_change_to_the_password_does_not_leave_the_key_in_force(administrator, form, server, made):
    address = f"/admin/connections/{made.pk}/settings/"
    changed = {**form, "auth": "password", "private_key": "", "password": "no password of this server"}
    page = administrator.post(address, changed).content.decode()
    assert "refused the user, the password or the key" in page, "the old key would have been let in"
    tried = administrator.post(
        "/admin/connections/test/", {**changed, "connection": made.pk}
    ).content.decode()
    assert "refused the user, the password or the key" in tried
    assert secrets(made) == {"private_key": server.key}, "what does not work is not kept"


def test_a_change_to_the_key_forgets_the_password(administrator, form, server, made):
    Connection.objects.update(
        secrets=seal({"password": "of old"}), settings={**made.settings, "auth": "password"}
    )
    address = f"/admin/connections/{made.pk}/settings/"
    page = administrator.get(address).content.decode()
    assert page.count("kept unless you type another") == 1
    administrator.post(address, form)
    assert secrets(made) == {"private_key": server.key}


def test_a_passphrase_goes_with_its_key(administrator, form, server, made):
    address = f"/admin/connections/{made.pk}/settings/"
    guarded = {**form, "private_key": server.guarded_key, "passphrase": "secret"}
    assert administrator.post(address, guarded).status_code == 302
    administrator.post(address, {**form, "private_key": "", "name": "Renamed"})
    assert secrets(made) == {"private_key": server.guarded_key, "passphrase": "secret"}, "empty: as it is"
    assert administrator.post(address, form).status_code == 302
    assert secrets(made) == {"private_key": server.key}, "another key, without the former passphrase"
