from tests.profiles.builder.conftest import builder, database, shared_database  # noqa: F401 -- fixtures
