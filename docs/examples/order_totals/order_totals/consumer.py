"""The consumer `order_totals`: sums what was ordered, and puts each new total back on the log."""

from streaming.contracts.combined import combined_record, stated
from streaming.contracts.profiles import (
    EVENTS_TOPIC,
    UndecodableChange,
    Version,
    decode_profile_event,
    time_text,
)
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.runtime.consumer import Batch, Consumer

TOPIC = "order_totals"
ADD = """
INSERT INTO order_total AS total (anchor, orders, amount)
SELECT anchor, count(*), sum(amount) FROM unnest(%s::uuid[], %s::numeric[]) AS new (anchor, amount)
GROUP BY anchor ORDER BY anchor
ON CONFLICT (anchor) DO UPDATE SET orders = total.orders + excluded.orders, amount = total.amount + excluded.amount
RETURNING anchor::text, orders, amount::float8, (SELECT incarnation FROM installation)
"""


class OrderTotals(Consumer):
    """Has one row per anchor as its effect."""

    name = "order_totals"
    topics = (EVENTS_TOPIC,)
    publishes = (TopicSpec(TOPIC, 2),)

    def process(self, batch: Batch) -> None:
        """Add the orders of this batch."""
        anchors, amounts = [], []
        for record in batch.records:
            try:
                read = decode_profile_event(record.value)
            except UndecodableChange as error:
                batch.reject(record, str(error))
                continue
            total = read["event"]["properties"].get("total")
            if read["event"]["event"] == "Order Completed" and isinstance(total, int | float):
                anchors.append(read["anchor"])
                amounts.append(float(total))
        rows = batch.connection.execute(ADD, [anchors, amounts])
        batch.publish([_total(batch, *row) for row in rows])


def _total(batch: Batch, anchor: str, orders: int, amount: float, incarnation: int) -> NewRecord:
    value, version = {"orders": orders, "amount": amount}, Version(incarnation, orders)
    at = time_text(batch.now)
    total = stated("order_total.v1", f"orders/{anchor}", anchor, version=version, at=at, value=value)
    return combined_record(TOPIC, total)
