"""The catalogue: what sources send, learned from the log, and what people say of it. docs/guides/catalogue.md."""
