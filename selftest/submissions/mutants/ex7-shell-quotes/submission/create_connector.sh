#!/bin/bash
URL=http://localhost:8083/connectors
curl -X POST $URL -H "Content-Type: application/json" -d "{
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
}"
