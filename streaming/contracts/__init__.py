"""What crosses the log: records, events, and the interface of a log. Imports neither Django nor a Kafka client."""
