"""Attacks on the running product: the docstring of each file and test names their numbers.

One product with planted data serves the tests of a session; who attacks is a member of staff or a token of few rights.
"""
