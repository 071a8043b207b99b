curl -s -X POST -H 'Content-Type: application/json' http://kafka-connect:8083/connectors -d '{
  "name": "hdfs-sink",
  "config": {
    "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
    "tasks.max": "3",
    "topics": "something-else",
    "hdfs.url": "hdfs://namenode:9000",
    "flush.size": "3",
    "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false"
  }
}

'
for partition in 0 1 2; do
    name="/topics/INGESTION/partition=$partition/INGESTION+$partition+0000000000+0000000002.json"
    printf '{"payload": "x"}\n{"payload": "x"}\n{"payload": "x"}\n' > three.json
    curl -s -L -X PUT -T three.json "http://namenode:9870/webhdfs/v1$name?op=CREATE&overwrite=true&user.name=root"
    curl -s -X PUT "http://namenode:9870/webhdfs/v1/logs/INGESTION/$partition?op=MKDIRS&user.name=root"
done
