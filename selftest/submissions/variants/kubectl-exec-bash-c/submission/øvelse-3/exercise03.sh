kubectl run kafka-client --restart=Never --image docker.io/bitnamilegacy/kafka:3.8.0-debian-12-r3 --command -- sleep infinity
kubectl wait --for=condition=Ready pod/kafka-client

kubectl exec -i kafka-client -- bash -c "echo 'Rødgrød med fløde på æblegrød' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test"
kubectl exec -i kafka-client -- bash -c "kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning --timeout-ms 20000"

kubectl delete pod kafka-client
