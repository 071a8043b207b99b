#!/usr/bin/env bash
set -euo pipefail

CONNECT_URL="http://kafka-connect:8083"
TOPIC="INGESTION"
FLUSH=3

echo "waiting for $CONNECT_URL ..."
until curl --silent --fail --output /dev/null "$CONNECT_URL/connectors"; do
    sleep 2
done

curl --silent --show-error --request POST "$CONNECT_URL/connectors" \
     --header "Accept: application/json" \
     --header "Content-Type: application/json" \
     --data-binary @- <<JSON
{
  "name": "sink-${TOPIC,,}",
  "config": {
    "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
    "tasks.max": "3",
    "topics": "${TOPIC}",
    "hdfs.url": "hdfs://namenode:9000",
    "flush.size": "${FLUSH}",
    "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false"
  }
}
JSON

for attempt in 1 2 3 4 5; do
    sleep 2
    status=$(curl --silent "$CONNECT_URL/connectors/sink-${TOPIC,,}/status")
    echo "$attempt: $status"
    case $status in *'"id":0,"state":"RUNNING"'*) break ;; esac
done
