"""People: identity resolution, traits, timeline, profile API and screens."""
