"""What each shipped role may open and see, followed from the policy to every page and every operation of the REST API."""
