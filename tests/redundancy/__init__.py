"""One of each pair of our own parts dies under load, and nothing is lost or doubled."""
