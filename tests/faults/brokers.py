"""A Kafka cluster whose clients reach each broker through a proxy, so that the network can fail too."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from tests.faults.proxy import HEALTHY, HOST, Proxy, Toxic
from tests.kafka_cluster import _CLIENT, KafkaCluster


class ProxiedCluster(KafkaCluster):
    """Its brokers tell clients the addresses of the proxies; they reach each other without them."""

    def __init__(self, directory: Path, *, properties: Iterable[str] = ()) -> None:
        super().__init__(directory, properties=properties)
        self._stack = contextlib.ExitStack()
        self.proxies = {
            node: self._stack.enter_context(Proxy(self._ports[node][_CLIENT])) for node in self.nodes
        }
        self.bootstrap_servers = ",".join(f"{HOST}:{proxy.port}" for proxy in self.proxies.values())
        self.url = f"kafka://{self.bootstrap_servers}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def be(self, toxic: Toxic) -> None:
        """All brokers behind such a network."""
        for proxy in self.proxies.values():
            proxy.be(toxic)

    def heal(self) -> None:
        """The network is well again."""
        self.be(HEALTHY)

    def revive(self) -> None:
        """Start again all nodes, dead or not, and wait until they know each other."""
        for node in self.nodes:
            self.kill(node)
            self._spawn(node)
        self.wait_ready(self.nodes)

    def stop(self) -> None:
        try:
            super().stop()
        finally:
            self._stack.close()

    def _properties(self, node: int) -> dict[str, object]:
        names = ("INTERNAL", "CONTROLLER")
        own = ",".join(f"{name}://{self._address(node, at + 1)}" for at, name in enumerate(names))
        return {
            **super()._properties(node),
            "advertised.listeners": f"CLIENT://{HOST}:{self.proxies[node].port},{own}",
        }
