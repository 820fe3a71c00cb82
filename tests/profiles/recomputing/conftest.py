"""The builder's fixtures, on a database that the tests of a module share."""

from tests.profiles.builder.conftest import builder, database, shared_database, staff  # noqa: F401 -- fixtures
