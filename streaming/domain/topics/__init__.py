"""The topics as they are declared, as they really are, and putting the one on the other."""
