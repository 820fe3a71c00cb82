"""The event log over REST, and the form that every view and list of the REST API has."""
