"""Values that identify nobody, or never one person alone: the lists that an installation starts with.

Compared in lower case with the normal form. The first became one person of thousands on other platforms.
"""

BLOCKED_VALUES = [
    "", "-1", "0", "00000000-0000-0000-0000-000000000000", "(none)", "(not set)", "(null)", "-", "--", ".", "?",
    "[]", "[object object]", "[object undefined]", "{}", "\ufffd", "anon", "anonymous", "anonymous_user",
    "anonymousid", "blank", "customer", "default", "deleted", "distinct_id", "distinctid", "email", "empty", "error",
    "example", "false", "guest", "id", "infinity", "n/a", "na", "nan", "nil", "no_id", "nobody", "none",
    "not available", "not set", "not_authenticated", "not_set", "null", "object object", "string", "test",
    "test_user", "testuser", "true", "unbekannt", "undefined", "undefined undefined", "unidentified", "unknown",
    "user", "user_id", "userid", "visitor", "xxx",
]  # fmt: skip
BLOCKED_PATTERNS = [
    r"[0\-\s]*",
    r"[\"'`\\]+(?:null|undefined|none|nil|guest|anonymous|unknown|nan|true|false|0|)[\"'`\\]+",
    r"\{\{.*\}\}",  # templates that nobody filled in
    r"\$?\{[a-z_. ]*\}",
    r"\$\(.*\)",
    r"%(?:s|d|user_?id%|email%)|%%.*%%",
    r"<(?:nil|null|none|undefined|empty|unknown)>|<%.*%>",
]
EMAIL_PATTERNS = [
    r"(?:null|none|nil|undefined|unknown|nobody|anonymous|no-?e?mail|no\.e?mail|nan|void)@.*",
    r"(?:test|testing|asdf|xxx)@(?:test|testing|asdf|xxx)\..*",
    r".*@(?:null|none|undefined|localhost|invalid)\.[a-z]+",
]
PHONE_PATTERNS = [
    r"\+\d{1,3}0{5,}\d?",
    r"\+?\d{0,3}(?:1{7,}|2{7,}|3{7,}|4{7,}|5{7,}|6{7,}|7{7,}|8{7,}|9{7,})",
    r"\+?\d{0,3}(?:123456789|1234567|987654321)0?",
]
CLOCK_PATTERNS = [r"1[5-9]\d{8}(?:\d{3}){0,2}"]
"""A time is no id: what starts in the same second is not one device."""

SHARED_MAILBOXES = [
    r"(?:info|informatie|sales|verkoop|support|service|help|helpdesk|office|admin|administrati(?:on|e))@.*",
    r"(?:contact|kontakt|hello|hallo|mail|post|team|all|reception|receptie|secretariaat|sekretariat)@.*",
    r"(?:no-?reply|do-?not-?reply|postmaster|webmaster|hostmaster|abuse|root|mailer-daemon|bounces?)@.*",
    r"(?:newsletter|privacy|security|legal|marketing|press|hr|jobs|careers|shop|store|bookings?)@.*",
    r"(?:accounts?|accounting|accountspayable|billing|invoices?|facturen|factuur|rechnung|finance)@.*",
    r"(?:payments?|orders?|purchasing|inkoop|einkauf)@.*",
]
"""Mailboxes that several people read: addresses of a group, never of a person."""
