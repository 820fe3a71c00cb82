"""Django's entry to the app."""

from django.apps import AppConfig


class OrderTotalsConfig(AppConfig):
    """What each person ordered in all."""

    name = "order_totals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the app keeps of people, so that it is masked, erased and reported like everything else."""
        from compliance.enums import Category  # noqa: PLC0415 -- needs the app registry
        from compliance.stores import Store, register_store, table_store  # noqa: PLC0415 -- beside the others

        amounts = {"orders": Category.TRANSACTIONS, "amount": Category.TRANSACTIONS}
        total = table_store("order_total", "What each person ordered", anchor=Category.IDENTITY, **amounts)
        register_store(total)
        value = {"key": Category.IDENTITY, "value": Category.TRANSACTIONS}
        register_store(Store("order_totals", "Published order totals", "topic:order_totals", value))
