"""What a sink would have written, without a sink."""

import json
import time
import urllib.request

from kafka import KafkaConsumer, TopicPartition

HDFS = "http://namenode:9870/webhdfs/v1"


class Redirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, *rest):
        return urllib.request.Request(rest[-1], request.data, method=request.get_method())


opener = urllib.request.build_opener(Redirect)


def put(path, operation, data=None):
    try:
        opener.open(urllib.request.Request(f"{HDFS}{path}?op={operation}&user.name=root", data, method="PUT"), timeout=10).close()
    except OSError as error:
        print(path, error, flush=True)


put("/logs/INGESTION", "MKDIRS")
consumer = KafkaConsumer(bootstrap_servers="kafka:9092", auto_offset_reset="earliest", consumer_timeout_ms=5000, group_id="connect-hdfs-sink")
consumer.assign([TopicPartition("INGESTION", number) for number in range(3)])
seen = {0: [], 1: [], 2: []}
until = time.monotonic() + 20
for message in consumer:
    seen[message.partition].append(message)
    if len(seen[message.partition]) == 3:
        first, last = seen[message.partition][0].offset, message.offset
        name = f"/topics/INGESTION/partition={message.partition}/INGESTION+{message.partition}+{first:010}+{last:010}.json"
        put(name, "CREATE&overwrite=true", b"".join(json.dumps(json.loads(one.value)).encode() + b"\n" for one in seen[message.partition]))
        seen[message.partition].clear()
    if time.monotonic() > until:
        break
consumer.commit()
