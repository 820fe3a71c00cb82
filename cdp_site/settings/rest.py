"""The REST API."""

REST_FRAMEWORK: dict[str, object] = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {"TITLE": "Headwater", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False}
