"""The collector: takes events over HTTP in front of Django, and answers 200 only when they are durable (docs/adr/0030)."""
