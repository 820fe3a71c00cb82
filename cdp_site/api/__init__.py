"""The REST API as a whole: addresses, who may call, how often, and the form of answers and errors."""
