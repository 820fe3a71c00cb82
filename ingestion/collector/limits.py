"""How much one request may bring."""

MAX_REQUEST_BYTES = 500 * 1024
MAX_HOOK_BYTES = 1024 * 1024
MAX_IMPORT_BYTES = 4 * 1024 * 1024
MAX_DRAINED_BYTES = 8 * 1024 * 1024  # of a body that is too large; who sends more sees the connection close
MAX_ITEMS = 2500
MAX_PENDING_BYTES = 64 * 1024 * 1024
READ_TIMEOUT_S = 20.0
SUBMIT_TIMEOUT_S = 2.0
MAX_GROUP_RECORDS = 5000
