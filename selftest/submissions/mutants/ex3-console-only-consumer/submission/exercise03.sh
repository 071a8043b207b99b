# I typed into the topic with the Redpanda console
kubectl exec -it kafka-client -- kafka-console-consumer.sh \
	--bootstrap-server kafka:9092 \
	--topic test \
	--from-beginning
