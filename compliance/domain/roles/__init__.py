"""Roles: what they allow, who may change them how far, and what a change does to those who have them."""
