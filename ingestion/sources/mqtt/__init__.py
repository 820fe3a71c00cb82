"""Messages of devices, from an MQTT broker: listened to all the time, none lost and none twice (docs/adr/0108)."""

from ingestion.sources.mqtt.kind import MqttSource

__all__ = ["MqttSource"]
