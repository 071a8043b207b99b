"""A paused sink, and a group that has seen everything."""

import json
import time
import urllib.request

from kafka import KafkaConsumer


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request("http://kafka-connect:8083/connectors" + path, data, {"Content-Type": "application/json"}, method=method)
    urllib.request.urlopen(request, timeout=20).close()


with open("sink.json") as file:
    sink = json.load(file)
sink["config"]["flush.size"] = "1000000"
call("POST", "", sink)
call("PUT", "/hdfs-sink/pause")
consumer = KafkaConsumer("INGESTION", bootstrap_servers="kafka:9092", group_id="connect-hdfs-sink", auto_offset_reset="latest", auto_commit_interval_ms=100)
until = time.monotonic() + 20
while time.monotonic() < until:
    consumer.poll(timeout_ms=200)
consumer.commit()
