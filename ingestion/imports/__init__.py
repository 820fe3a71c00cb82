"""Imports: a file becomes events, row by row, by the rules of the collector. docs/guides/imports.md."""
