"""The screens of the pipeline: topics, consumers, dead letters.

They stand in the composition root because each needs several rooms at once: the sources of `ingestion`, the log and
the consumers of `streaming`, the access and the audit of `compliance`.
"""
