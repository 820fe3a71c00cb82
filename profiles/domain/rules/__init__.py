"""The rules of identity as staff change them: measured first, then applied, and followed until everybody is decided."""
