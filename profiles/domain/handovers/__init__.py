"""Identifiers that were given to another person: who had it before a day, and who has it since (docs/adr/0100)."""

from profiles.domain.handovers.deciding import Given, UnknownHandover, hand_over, take_back
from profiles.domain.handovers.foreseeing import ForeseenHandover, foresee_hand_over

__all__ = ["ForeseenHandover", "Given", "UnknownHandover", "foresee_hand_over", "hand_over", "take_back"]
