"""The demo: everything started with one command, and an invented shop that sends to it."""
