"""The consumer runtime. Imports neither Django nor a Kafka client."""
