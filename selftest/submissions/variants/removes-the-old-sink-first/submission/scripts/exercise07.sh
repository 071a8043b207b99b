#!/bin/sh
# start clean; 404 the first time
curl -s -X DELETE http://127.0.0.1:8083/connectors/hdfs-sink

curl -X POST \
http://127.0.0.1:8083/connectors \
-H 'Content-Type: application/json' \
-d '{
    "name": "hdfs-sink",
    "config": {
        "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
        "tasks.max": "3",
        "topics": "INGESTION",
        "hdfs.url": "hdfs://namenode:9000",
        "flush.size": "7",
        "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "key.converter.schemas.enable": "false",
        "key.converter.schema.registry.url": "http://kafka-schema-registry:8081",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": "false",
        "value.converter.schema.registry.url": "http://kafka-schema-registry:8081"
    }
}'
