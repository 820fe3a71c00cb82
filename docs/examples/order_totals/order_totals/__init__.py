"""What each person ordered in all."""
