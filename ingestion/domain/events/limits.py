"""How large things may be. Identifiers and keys become index entries of PostgreSQL, which holds 2,704 bytes."""

MAX_EVENT_BYTES = 32 * 1024
MAX_DEPTH = 32
MAX_MESSAGE_ID = 100
MAX_IDENTIFIER = 255
MAX_EVENT_NAME = 200
MAX_KEY = 255
MAX_RAW_TIME = 64
MAX_PURPOSES = 50
MAX_PURPOSE = 100
