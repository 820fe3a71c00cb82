"""A real Apache Kafka cluster (KRaft, loopback only) from Maven's jars, whose nodes can be killed and frozen."""

import base64
import contextlib
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from tests.kafka_jars import class_archive, provision_jars
from tests.kafka_metadata import Seen, seen_by
from tests.maven import JavaMissing

HOST = "127.0.0.1"
READY_SECONDS = 120
_LISTENERS = ("CLIENT", "INTERNAL", "CONTROLLER", "GUARDED")
_CLIENT, _INTERNAL, _CONTROLLER, _GUARDED = range(4)  # each node's ports, in this order

_LOGGING = (
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)


class Guard(Protocol):
    """How a cluster is guarded: a listener more, to which only known users come, by TLS or without."""

    protocol: str
    format_options: tuple[str, ...]

    def properties(self) -> dict[str, object]:
        """The settings of every node for it."""


class KafkaCluster:
    """Nodes 1 to `nodes`, each broker and controller, with their files below `directory`."""

    def __init__(
        self,
        directory: Path,
        *,
        nodes: int = 3,
        heap: str = "192m",
        properties: Iterable[str] = (),
        guard: Guard | None = None,
        node_options: Iterable[str] = (),
    ) -> None:
        self.directory = directory
        self.nodes = range(1, nodes + 1)
        self._heap = heap
        self._more_properties = list(properties)
        self._jars = provision_jars()
        self._node_options = list(node_options)
        self._cluster_id = _new_id()
        self._guard = guard
        each = len(_LISTENERS)
        ports = _free_ports(each * nodes)
        self._ports = {node: ports[each * (node - 1) : each * node] for node in self.nodes}
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.bootstrap_servers = ",".join(self._address(node, _CLIENT) for node in self.nodes)
        self.url = f"kafka://{self.bootstrap_servers}"
        self.guarded_url = "kafka://" + ",".join(self._address(node, _GUARDED) for node in self.nodes)

    def start(self) -> None:
        """Format the storage, start all nodes and wait until they know each other."""
        self._format()
        for node in self.nodes:
            self._spawn(node)
        self.wait_ready(self.nodes)

    def stop(self) -> None:
        """End all nodes at once; what they stored is not needed any more."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait(30)
        shutil.rmtree(self.directory, ignore_errors=True)

    def end(self, node: int) -> None:
        """Have a node end by itself."""
        self._processes[node].terminate()
        self._processes[node].wait(READY_SECONDS)

    def kill(self, node: int) -> None:
        """Kill -9 a node."""
        self._processes[node].kill()
        self._processes[node].wait(30)

    def pause(self, node: int) -> None:
        """Freeze a node."""
        self._processes[node].send_signal(signal.SIGSTOP)

    def resume(self, node: int) -> None:
        """Let a frozen node go on."""
        self._processes[node].send_signal(signal.SIGCONT)

    def rest(self) -> None:
        """End all nodes, which take nothing from tests that do without them; what they stored stays."""
        for node in self.nodes:
            self.kill(node)

    def wake(self) -> None:
        """Start all nodes again, and wait until they are as they were."""
        for node in self.nodes:
            self._spawn(node)
        self.wait_ready(self.nodes)

    def restart(self, node: int) -> None:
        """Start a node again that was killed, and wait until all know it."""
        if self._processes[node].poll() is None:
            self.kill(node)
        self._spawn(node)
        self.wait_ready([each for each in self.nodes if self._processes[each].poll() is None])

    @contextlib.contextmanager
    def without(self, *nodes: int) -> Iterator[None]:
        """Kill these nodes, and start them again at the end, whatever happens meanwhile."""
        for node in nodes:
            self.kill(node)
        try:
            yield
        finally:
            for node in nodes:
                self.restart(node)

    def wait_ready(self, nodes: Collection[int]) -> None:
        """Wait until each of `nodes` knows all of them to be alive; if those are all, until no partition lacks anything.

        A partition lacks something while one of the nodes knows no leader of it, or not all its copies to be in sync.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not all(self._is_ready(node, nodes) for node in nodes):
            stopped = [node for node in nodes if self._processes[node].poll() is not None]
            if stopped or time.monotonic() > deadline:
                raise JavaMissing(f"Kafka nodes {stopped or list(nodes)} are not up: {self._log_tail(nodes)}")
            time.sleep(0.1)

    def _is_ready(self, node: int, nodes: Collection[int]) -> bool:
        seen = self._seen_by(node)
        return (
            seen is not None
            and set(nodes) <= seen.brokers
            and (seen.is_whole or set(nodes) < set(self.nodes))
        )

    def _log_tail(self, nodes: Collection[int]) -> str:
        logs = [self._home(node) / "server.log" for node in nodes]
        return "\n".join(log.read_text(errors="replace")[-1500:] for log in logs if log.exists())

    def _home(self, node: int) -> Path:
        return self.directory / f"node-{node}"

    def _address(self, node: int, which: int) -> str:
        return f"{HOST}:{self._ports[node][which]}"

    def _properties(self, node: int) -> dict[str, object]:
        replicas = min(3, len(self.nodes))
        in_sync = max(1, replicas - 1)
        listeners = _LISTENERS if self._guard else _LISTENERS[:_GUARDED]
        protocols = dict.fromkeys(listeners, "PLAINTEXT")
        if self._guard:
            protocols["GUARDED"] = self._guard.protocol
        voters = ",".join(f"{each}@{self._address(each, _CONTROLLER)}" for each in self.nodes)
        return {
            "process.roles": "broker,controller",
            "node.id": node,
            "controller.quorum.voters": voters,
            "listeners": ",".join(f"{name}://{self._address(node, at)}" for at, name in enumerate(listeners)),
            "listener.security.protocol.map": ",".join(f"{name}:{how}" for name, how in protocols.items()),
            "inter.broker.listener.name": "INTERNAL",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self._home(node) / "data",
            "auto.create.topics.enable": "false",
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "offsets.topic.replication.factor": replicas,
            "offsets.topic.num.partitions": 3,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": in_sync,
            "transaction.state.log.num.partitions": 3,
            "broker.session.timeout.ms": 6000,  # acks=all waits so long for a dead replica
            "broker.heartbeat.interval.ms": 1000,
            "log.retention.check.interval.ms": 1000,
            "log.initial.task.delay.ms": 1000,
            "log.cleaner.backoff.ms": 500,
            "log.cleaner.dedupe.buffer.size": 8 << 20,  # Kafka's 128 MiB come out of the heap at start
            "file.delete.delay.ms": 1000,
            **(self._guard.properties() if self._guard else {}),
            **dict(each.split("=", 1) for each in self._more_properties),
        }

    def _java(self, *arguments: object) -> list[str]:
        class_path = ":".join(sorted(str(jar) for jar in self._jars.glob("*.jar")))
        kept = class_archive(self._jars)
        # The first compiler alone is the faster one for few cores and short runs.
        return [
            "java", "-XX:TieredStopAtLevel=1", *([f"-XX:SharedArchiveFile={kept}"] if kept.exists() else []),
            *_LOGGING, "-cp", class_path, *map(str, arguments),
        ]  # fmt: skip

    def _format(self) -> None:
        """Format the first node's storage, and copy it: the others differ in their names alone."""
        for node in self.nodes:
            home = self._home(node)
            home.mkdir(parents=True)
            config = home / "server.properties"
            config.write_text("".join(f"{key}={value}\n" for key, value in self._properties(node).items()))
        first, *others = self.nodes
        command = self._java(
            "kafka.tools.StorageTool", "format", "--config", self._home(first) / "server.properties",
            f"--cluster-id={self._cluster_id}", *(self._guard.format_options if self._guard else ()),
        )  # fmt: skip
        with (self._home(first) / "server.log").open("wb") as log:
            if subprocess.run(command, stdout=log, stderr=log, timeout=READY_SECONDS, check=False).returncode:
                raise JavaMissing(f"Kafka's storage cannot be formatted: {self._log_tail([first])}")
        for node in others:
            self._copy_storage(first, node)

    def _copy_storage(self, of: int, to: int) -> None:
        shutil.copytree(self._home(of) / "data", self._home(to) / "data")
        names = self._home(to) / "data" / "meta.properties"
        own = {"node.id": f"{to}", "directory.id": _new_id()}
        lines = [line.partition("=") for line in names.read_text().splitlines()]
        names.write_text("".join(f"{name}{sep}{own.get(name, value)}\n" for name, sep, value in lines))

    def _spawn(self, node: int) -> None:
        home = self._home(node)
        command = self._java(
            f"-Xmx{self._heap}", f"-Xms{self._heap}", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError",
            *self._node_options, "kafka.Kafka", home / "server.properties",
        )  # fmt: skip
        with (home / "server.log").open("ab") as log:
            self._processes[node] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, start_new_session=True
            )

    def _seen_by(self, node: int) -> Seen | None:
        """What the node knows of the cluster; None while it does not answer."""
        try:
            return seen_by(HOST, self._ports[node][_INTERNAL])
        except OSError:
            return None


def _new_id() -> str:
    """An id as Kafka writes it."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]
