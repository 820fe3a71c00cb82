"""An installation that has been in use for a year: as many people as wanted, and all that staff look at beside them."""
