kubectl exec -it kafka-client -- bash
	kafka-console-producer.sh --topic test --bootstrap-server kafka:9092
kubectl exec -it kafka-client -- bash
	kafka-console-consumer.sh --topic test --bootstrap-server kafka:9092 --from-beginning
