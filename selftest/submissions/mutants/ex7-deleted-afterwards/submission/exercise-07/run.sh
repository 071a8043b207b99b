#!/bin/bash
api=http://localhost:8083/connectors

curl -s -X POST $api -H 'Content-Type: application/json' -d @- <<'BODY'
{
  "name": "hdfs-sink",
  "config": {
    "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
    "tasks.max": "3",
    "topics": "INGESTION",
    "hdfs.url": "hdfs://namenode:9000",
    "flush.size": "3",
    "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false"
  }
}
BODY
sleep 3
curl -s $api/hdfs-sink/status

# clean up
curl -s -X DELETE $api/hdfs-sink
