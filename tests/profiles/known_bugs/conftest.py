from tests.profiles.builder.conftest import builder, database, shared_database  # noqa: F401 -- fixtures
from tests.profiles.domain.decisions.conftest import changes_topic  # noqa: F401 -- a fixture for every test
