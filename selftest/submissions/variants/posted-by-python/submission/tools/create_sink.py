"""Registers the HDFS sink. Usage: create_sink.py HOST:PORT"""
import json
import sys
import urllib.error
import urllib.request

CONFIG = {
    "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
    "tasks.max": "3",
    "topics": "INGESTION",
    "hdfs.url": "hdfs://namenode:9000",
    "flush.size": "2",
    "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
}


def main(address):
    request = urllib.request.Request(
        f"http://{address}/connectors",
        data=json.dumps({"name": "python-sink", "config": CONFIG}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            print(response.status, response.read().decode())
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code}: {error.read().decode()}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "localhost:8083")
