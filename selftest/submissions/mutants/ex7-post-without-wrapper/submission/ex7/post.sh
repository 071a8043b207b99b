#!/bin/sh
# kubectl port-forward svc/kafka-connect 8083:8083

curl --request POST http://localhost:8083/connectors \
  --header 'Content-Type: application/json' \
  --data '{
    "name": "hdfs-sink",
    "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
    "topics": "INGESTION",
    "tasks.max": "3",
    "hdfs.url": "hdfs://namenode:9000",
    "flush.size": "3",
    "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false"
  }'
