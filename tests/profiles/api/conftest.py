from tests.profiles.people import builder, changes_topic, jane  # noqa: F401 -- fixtures
from tests.rest import api, client_with  # noqa: F401 -- fixtures
