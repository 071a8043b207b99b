import sys
import threading

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

THREADS = 2  # twice as fast
stop = threading.Event()


def work(number, group_id):
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    while not stop.is_set():
        for messages in consumer.poll(timeout_ms=300).values():
            for message in messages:
                print(f"thread {number}: {decode(message.value)}", flush=True)
    consumer.close()


def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    threads = [threading.Thread(target=work, args=(n, group_id)) for n in range(THREADS)]
    for t in threads:
        t.start()
    try:
        while any(t.is_alive() for t in threads):
            for t in threads:
                t.join(0.2)
    except KeyboardInterrupt:
        stop.set()
        for t in threads:
            t.join()


if __name__ == "__main__":
    main()
