"""What all consumers that combine events into records of people share."""
