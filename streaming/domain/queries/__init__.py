"""What the pipeline's screens, commands and metrics ask."""
