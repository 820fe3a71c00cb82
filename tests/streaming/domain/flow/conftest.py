from tests.streaming.domain.conftest import log, pipeline  # noqa: F401 -- fixtures
