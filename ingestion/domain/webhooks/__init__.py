"""Inbound webhooks: who may send, what a payload holds, and which events it becomes. docs/guides/webhooks.md."""
