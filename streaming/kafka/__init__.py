"""The event log on Kafka: the only package that imports a Kafka client."""
