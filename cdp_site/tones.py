"""The tones in which screens tell how things are."""

from streaming.enums import ConsumerCondition

OF_CONSUMERS = {
    ConsumerCondition.RUNNING: "good",
    ConsumerCondition.STARTING: "info",
    ConsumerCondition.WAITING: "warn",
    ConsumerCondition.STUCK: "bad",
    ConsumerCondition.NOT_RUNNING: "bad",
    ConsumerCondition.STOPPED: "bad",
}
