"""How often it is looked whether runs should go on that nobody runs: the schedule and the tasks of the look keep to it."""

from datetime import timedelta

RESUMES_EVERY = timedelta(seconds=5)
