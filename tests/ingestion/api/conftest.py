from tests.rest import api, client_with  # noqa: F401 -- fixtures
