"""What the product promises about security, each promise against the product as it is served."""
