# What one does in the console's Topics view, with Kafka's own tools.

# "Create topic"
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic test-redpanda --partitions 3 --replication-factor 3

# "Produce Record"
for key in 1 2 3 4 5 6 7 8 9; do echo "$key|{\"id\":$key,\"status\":\"it works\"}"; done | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test-redpanda \
    --property parse.key=true --property key.separator='|'

# "Delete Records": all partitions, up to the high watermark (-1)
echo '{"version": 1, "partitions": [{"topic": "test-redpanda", "partition": 0, "offset": -1}]}' > delete.json
kafka-delete-records.sh --bootstrap-server kafka:9092 --offset-json-file delete.json
