"""Context: what holds for a postcode on a day, such as its weather. It comes by the REST API and is about no person."""
