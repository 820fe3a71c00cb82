"""Harbour Outfitters: an invented shop for life near the sea, and the people who buy there. Always the same ones."""
