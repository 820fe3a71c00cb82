from tests.profiles.people import changes_topic  # noqa: F401 -- a fixture
