kubectl exec --tty -i kafka-client -- bash
kafka-console-producer.sh \
    --bootstrap-server kafka:9092 \
    --topic test

kubectl exec --tty -i kafka-client -- bash
kafka-console-consumer.sh \
    --bootstrap-server kafka:9092 \
    --topic INGESTION \
    --from-beginning
