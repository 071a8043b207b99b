API=http://kafka-connect:8083
for name in $(curl -s $API/connectors | tr -d '[]"' | tr ',' ' '); do
    curl -s -X PUT "$API/connectors/$name/pause"
    curl -s -X PUT "$API/connectors/$name/stop"
    curl -s -X DELETE "$API/connectors/$name/offsets"
    curl -s -X DELETE "$API/connectors/$name"
done
curl -s -X PUT -H 'Content-Type: application/json' -d '{"level": "TRACE"}' "$API/admin/loggers/root"
curl -s -X PUT -H 'Content-Type: application/json' -d '{"level": "TRACE"}' "$API/admin/loggers/org.apache.kafka?scope=cluster"
curl -s -X POST "$API/admin/shutdown"
curl -s -X POST -H 'Content-Type: application/json' "$API/connectors" -d '{
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
}'
