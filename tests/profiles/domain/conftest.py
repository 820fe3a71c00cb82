from tests.profiles.people import builder, jane  # noqa: F401 -- fixtures
