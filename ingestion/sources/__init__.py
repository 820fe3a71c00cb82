"""Producers: what reads other systems, when it knows that data is there, and puts it into the log.

`contract` says what a kind of source is; each kind is a module or package of its own (`sql`); `registry` knows all of
them, those of other installed distributions too. `connections` and `streams` are what people set up, `running` reads one.
"""
