#!/bin/sh
# once for us and once as a backup
for n in main backup; do
  case $n in main) size=3 ;; backup) size=5 ;; esac
  curl -s -X PUT http://kafka-connect:8083/connectors/$n/config -H 'Content-Type: application/json' -d "{
    \"connector.class\": \"io.confluent.connect.hdfs.HdfsSinkConnector\",
    \"tasks.max\": \"3\",
    \"topics\": \"INGESTION\",
    \"topics.dir\": \"topics\",
    \"logs.dir\": \"logs-$n\",
    \"hdfs.url\": \"hdfs://namenode:9000\",
    \"flush.size\": \"$size\",
    \"format.class\": \"io.confluent.connect.hdfs.json.JsonFormat\",
    \"key.converter\": \"org.apache.kafka.connect.storage.StringConverter\",
    \"value.converter\": \"org.apache.kafka.connect.json.JsonConverter\",
    \"value.converter.schemas.enable\": \"false\"
  }"
  echo
done
