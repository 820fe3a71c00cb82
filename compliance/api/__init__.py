"""What compliance brings to the REST API."""
