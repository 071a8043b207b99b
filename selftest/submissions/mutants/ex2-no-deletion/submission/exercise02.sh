# What one does in the console's Topics view, with Kafka's own tools.

# "Create topic"
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic test-redpanda --partitions 1 --replication-factor 3

# "Produce Record"
echo '1|{"id":1,"status":"it works"}' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test-redpanda \
    --property parse.key=true --property key.separator='|'

