"""The REST API."""

from cdp_site.settings.environment import ENV
from compliance.domain.approvals.kinds import ApprovalKind

RATE_LIMITS = ENV.rates.limits  # of the API, the admin and the collector: compliance.rates

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "compliance.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["cdp_site.api.permissions.MayDo"],
    "DEFAULT_THROTTLE_CLASSES": ["cdp_site.api.throttles.CallerThrottle"],
    "DEFAULT_PARSER_CLASSES": ["cdp_site.api.formats.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["cdp_site.api.formats.JsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "cdp_site.api.formats.JsonNegotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cdp_site.api.problems.answer_problem",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Headwater",
    "DESCRIPTION": "Read the live profiles of people, and see and mend the way of events.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cdp_site.api.schema.add_problems",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Fields of one name that mean different things.
    "ENUM_NAME_OVERRIDES": {
        "FileForm": [("csv", "csv"), ("jsonl", "jsonl")],
        "ShownForm": [("clear", "clear"), ("hashed", "hashed"), ("masked", "masked")],
        "AccountKind": [("user", "user"), ("token", "token")],
        "SecondPersonKind": [(each.value, each.value) for each in ApprovalKind],
    },
}
