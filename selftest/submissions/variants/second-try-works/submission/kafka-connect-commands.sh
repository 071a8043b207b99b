# what I ran for exercise 7, in order

kubectl port-forward svc/kafka-connect 8083:8083 &
sleep 2

curl localhost:8083/connector-plugins

# 400, flush.size is required :-(
curl -X POST localhost:8083/connectors -H "Content-Type: application/json" -d '{"name":"hdfs-sink","config":{"connector.class":"io.confluent.connect.hdfs.HdfsSinkConnector","tasks.max":"3","topics":"INGESTION","hdfs.url":"hdfs://namenode:9000","format.class":"io.confluent.connect.hdfs.json.JsonFormat"}}'

# 201
curl -X POST localhost:8083/connectors -H "Content-Type: application/json" -d '{"name":"hdfs-sink","config":{"connector.class":"io.confluent.connect.hdfs.HdfsSinkConnector","tasks.max":"3","topics":"INGESTION","hdfs.url":"hdfs://namenode:9000","flush.size":"3","format.class":"io.confluent.connect.hdfs.json.JsonFormat","key.converter":"org.apache.kafka.connect.storage.StringConverter","value.converter":"org.apache.kafka.connect.json.JsonConverter","value.converter.schemas.enable":"false"}}'

# again by mistake: 409, it already exists
curl -X POST localhost:8083/connectors -H "Content-Type: application/json" -d '{"name":"hdfs-sink","config":{"connector.class":"io.confluent.connect.hdfs.HdfsSinkConnector","topics":"INGESTION","hdfs.url":"hdfs://namenode:9000","flush.size":"3"}}'

curl localhost:8083/connectors/hdfs-sink/status
