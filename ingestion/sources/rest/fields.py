"""What the forms ask of an API and of each stream."""

from ingestion.sources.contract import FormField

_AUTHENTICATION = (
    ("none", "None"), ("header", "API key in a header"), ("query", "API key in the query"), ("basic", "User and password (Basic)"),
    ("bearer", "Bearer token"), ("oauth", "OAuth 2 client credentials"),
)  # fmt: skip
_PLACES = (("basic", "As user and password"), ("body", "In the request for the token"))
_METHODS = (("GET", "GET"), ("POST", "POST with JSON"))
PAGINATION = (
    ("detect", "Find out from the first answer"), ("none", "There is one page"), ("page", "By page number"),
    ("offset", "By offset and limit"), ("token", "A token in the answer names the next page"),
    ("next_link", "The answer holds the address of the next page"), ("link_header", "Link header (RFC 8288)"),
)  # fmt: skip
_FORMATS = (
    ("as_is", "As the records have it"), ("iso", "2026-01-05T10:00:00Z"), ("date", "2026-01-05"),
    ("seconds", "Seconds since 1970"), ("milliseconds", "Milliseconds since 1970"),
)  # fmt: skip
_POST = ("method", ("POST",))
_OAUTH = ("auth", ("oauth",))
_BY_PARAMETER = ("pagination", ("detect", "page", "offset", "token"))
_IN_BODY = ("pagination", ("detect", "token", "next_link"))

CONNECTION_FIELDS = (
    FormField("base_url", "Base URL", placeholder="https://api.example.com/v2", help="the beginning of all addresses", is_place=True),
    FormField("auth", "Authentication", choices=_AUTHENTICATION, default="none"),
    FormField("key_name", "Name of the header or parameter", default="X-API-Key", shown_if=("auth", ("header", "query"))),
    FormField("api_key", "API key", is_secret=True, shown_if=("auth", ("header", "query"))),
    FormField("user", "User", shown_if=("auth", ("basic",))),
    FormField("password", "Password", is_secret=True, is_required=False, shown_if=("auth", ("basic",))),
    FormField("token", "Token", is_secret=True, shown_if=("auth", ("bearer",))),
    FormField("token_url", "Address that gives tokens", placeholder="https://login.example.com/oauth/token", is_place=True, shown_if=_OAUTH),
    FormField("client_id", "Client ID", shown_if=_OAUTH),
    FormField("client_secret", "Client secret", is_secret=True, shown_if=_OAUTH),
    FormField("client_place", "The client says who it is", choices=_PLACES, default="basic", shown_if=_OAUTH),
    FormField("scope", "Scope", is_required=False, shown_if=_OAUTH),
    FormField("headers", "More headers", is_required=False, is_long=True, placeholder="X-Tenant: shop-7", help="one a line; no secrets, they are shown"),
    FormField("requests_per_minute", "Requests a minute, at most", is_required=False, help="empty: as fast as it answers; what it says about waiting is heeded in any case"),
    FormField("test_path", "Path to try the login with", is_required=False, placeholder="/customers", help="empty: the base URL itself"),
)  # fmt: skip

STREAM_FIELDS = (
    FormField("path", "Path", placeholder="/customers", help="after the base URL"),
    FormField("method", "Method", choices=_METHODS, default="GET"),
    FormField("query", "Parameters of the query", is_required=False, is_long=True, placeholder="sort=updated_at", help="one a line"),
    FormField("body", "JSON body", is_required=False, is_long=True, placeholder="{}", help="parameters below are put into it", shown_if=_POST),
    FormField("records", "Where the records are", is_required=False, placeholder="data", help="JMESPath; empty: they are looked for"),
    FormField("pagination", "Pages", choices=PAGINATION, default="detect"),
    FormField("next", "Where the token or address is", is_required=False, placeholder="meta.next_cursor", help="JMESPath in the answer", shown_if=_IN_BODY),
    FormField("page_parameter", "Parameter of the page", is_required=False, placeholder="page", help="carries the number, the offset or the token", shown_if=_BY_PARAMETER),
    FormField("first_page", "Number of the first page", is_required=False, help="empty: 1", shown_if=("pagination", ("page",))),
    FormField("size_parameter", "Parameter of the page size", is_required=False, placeholder="limit"),
    FormField("page_size", "Records on a page", is_required=False, placeholder="200"),
    FormField("cursor_parameter", "Parameter for what is new", is_required=False, placeholder="updated_since", help="carries the cursor of the last record; or name=text with {cursor} in it"),
    FormField("until_parameter", "Parameter for the end", is_required=False, help="for backfills of a range, likewise"),
    FormField("cursor_format", "It is written", choices=_FORMATS, default="as_is"),
)  # fmt: skip
