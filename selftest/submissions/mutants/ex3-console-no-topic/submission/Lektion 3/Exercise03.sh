kubectl exec -i kafka-client -- kafka-console-producer.sh --broker-list kafka:9092
kubectl exec -i kafka-client -- kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
