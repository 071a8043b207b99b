kafka-topics.sh --bootstrap-server kafka:9092 --create --topic test-redpanda --partitions 1 --replication-factor 1
echo '1|{"id":1,"status":"it fails"}' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test-redpanda \
    --property parse.key=true --property key.separator='|'
echo '{"version": 1, "partitions": [{"topic": "test-redpanda", "partition": 0, "offset": -1}]}' > delete.json
kafka-delete-records.sh --bootstrap-server kafka:9092 --offset-json-file delete.json
echo '1|{"id":1,"status":"it works"}'
