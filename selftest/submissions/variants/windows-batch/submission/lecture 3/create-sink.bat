@echo off
rem Needs in another window: kubectl port-forward svc/kafka-connect 8083:8083
set HOST=http://localhost:8083

curl -X POST http://localhost:8083/connectors ^
  -H "Content-Type: application/json" ^
  -d "{\"name\": \"hdfs-sink-win\", \"config\": {\"connector.class\": \"io.confluent.connect.hdfs.HdfsSinkConnector\", \"tasks.max\": \"3\", \"topics\": \"INGESTION\", \"hdfs.url\": \"hdfs://namenode:9000\", \"flush.size\": \"3\", \"format.class\": \"io.confluent.connect.hdfs.json.JsonFormat\", \"key.converter\": \"org.apache.kafka.connect.storage.StringConverter\", \"value.converter\": \"org.apache.kafka.connect.json.JsonConverter\", \"value.converter.schemas.enable\": \"false\"}}"

rem wait, then look
timeout /t 5
curl http://localhost:8083/connectors/hdfs-sink-win/status
pause
