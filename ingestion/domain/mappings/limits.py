"""How large a mapping may be, and how much work one expression may do with one record."""

MAX_DOCUMENT_BYTES = 64 * 1024
MAX_EXPRESSION = 1000  # characters
MAX_EXPRESSION_DEPTH = 40
MAX_RULES = 20
MAX_PARTS = 300  # values that one event is made of
MAX_EVENTS = 1000  # of one record
MAX_WORK = 200_000  # values looked at by one expression in one record: about 0.1 s
MAX_VALUES = 20_000  # in one value of an event, which has at most 32 KB
TEXT_SHARE = 16  # characters that count as one value
