"""Consumers of profiles, each in one file: it has the class or what makes one, and what it does is called from there."""
