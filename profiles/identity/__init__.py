"""Who is one person: pure functions of evidence and rules (docs/architecture.md, "Identity"). No Django, no SQL."""
