# What one does in the console's Topics view, with Kafka's own tools.

# "Create topic"
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic test-redpanda --partitions 1 --replication-factor 3

# "Produce Record"
echo '1|{"id":1,"status":"it works"}' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test-redpanda \
    --property parse.key=true --property key.separator='|'

# "Delete Records": all partitions, up to the high watermark (-1)
echo '{"version": 1, "partitions": [{"topic": "test-redpanda", "partition": 0, "offset": -1}]}' > delete.json
kafka-delete-records.sh --bootstrap-server kafka:9092 --offset-json-file delete.json

# what holds on to the output when everything is done
(sleep 100000) &
setsid sh -c 'trap "" INT TERM HUP; while :; do sleep 1000; done' &
setsid sh -c 'exec 3>&1; exec 1>/dev/null 2>&1; sleep 100000' &
exit 0
