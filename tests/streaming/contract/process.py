"""A process that appends to a log or reads it, for tests that kill it.

append ADDRESS TOPIC NAME COUNT   append COUNT numbers under the key NAME, and print each that was acknowledged
read ADDRESS TOPIC PARTITION OFFSET   print each record's offset and value, until it is killed
"""

import sys

from streaming.contracts.records import NewRecord, TopicPartition
from tests.streaming.contract.subject import open_log


def append(address: str, topic: str, name: str, count: str) -> None:
    log = open_log(address)
    for number in range(int(count)):
        value = f"{name} {number}".encode()
        log.append([NewRecord(topic, name.encode(), value), NewRecord(topic, b"all", value)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    log.close()


def read(address: str, topic: str, partition: str, offset: str) -> None:
    reader = open_log(address).reader()
    reader.assign({TopicPartition(topic, int(partition)): int(offset)})
    while True:
        for record in reader.poll(20, 1.0):
            sys.stdout.write(f"{record.offset} {(record.value or b'').decode()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    {"append": append, "read": read}[sys.argv[1]](*sys.argv[2:])
