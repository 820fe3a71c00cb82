"""The table that the consumer fills."""

from django.db import models


class OrderTotal(models.Model):
    """The orders of one anchor. A person is a set of anchors: the sum over them is the person's total."""

    anchor = models.UUIDField(primary_key=True)
    orders = models.IntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        db_table = "order_total"

    def __str__(self) -> str:
        return f"{self.orders} orders of {self.anchor}"
