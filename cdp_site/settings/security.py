"""Keys, hosts, cookies and headers. Whether TLS is spoken outside is read from PUBLIC_URL."""

from csp.constants import NONE, SELF

from cdp_site.settings.environment import ENV

SECRET_KEY = ENV.secret_key
SECRET_KEY_FALLBACKS = ENV.former_secret_keys  # what they signed still counts
IDENTIFIER_KEY = ENV.identifier_key  # keys the hashes of identifiers; not in the database
SECRETS_KEYS = ENV.secrets_keys  # encrypt the logins of connections; the first is the newest
AUDIT_ANCHORS = ENV.audit_anchors.places  # where the audit trail's anchors are brought
AUDIT_ANCHOR_TOKEN = ENV.audit_anchors.token
METRICS_TOKENS = ENV.metrics_tokens  # without one /metrics answers on this machine alone
ALLOWED_HOSTS = ENV.allowed_hosts

_TLS = ENV.public_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [ENV.public_url]
CSRF_COOKIE_SECURE = _TLS
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _TLS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # a working day
SESSION_IDLE_MINUTES = ENV.sign_in.idle_minutes
BREAK_GLASS_MINUTES = ENV.sign_in.break_glass_minutes  # how long such a session may be open
PROOF_MINUTES = ENV.sign_in.proof_minutes  # how long a password or code counts for what matters most
PASSWORD_MAX_AGE_DAYS = ENV.sign_in.password_max_age_days  # 0: as long as nothing speaks against it
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PASSWORD_RESET_TIMEOUT = 24 * 3600  # how long the code of an invited administrator is good for
if _TLS:
    # Without names of their own, a page of another port on this host could set them.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = _TLS
SECURE_HSTS_SECONDS = 365 * 86400 if _TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if _TLS else None  # browsers want it only there
X_FRAME_OPTIONS = "DENY"
# What installations differ in, and what the collector and health checks answer beside Django.
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains is the domain owner's to say
    "security.W021",  # and so is the preload list
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000  # the mapping of a file with a thousand columns
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "compliance.password_history.NotUsedBefore", "OPTIONS": {"kept": ENV.sign_in.passwords_kept}},
]

# No script is inline, and none evaluates: the theme's Alpine.js is the build that reads expressions itself (docs/adr/0143).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
