from tests.rest import api, client_with, full_buckets  # noqa: F401 -- fixtures
