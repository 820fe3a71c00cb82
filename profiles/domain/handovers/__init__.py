"""Identifiers that were given to another person: who had it before a day, and who has it since (docs/adr/0100)."""

from profiles.domain.handovers.deciding import Given, UnknownHandover, hand_over, take_back

__all__ = ["Given", "UnknownHandover", "hand_over", "take_back"]
