kubectl run kafka-client --restart='Never' --image docker.io/bitnamilegacy/kafka:3.8.0-debian-12-r3 --command -- sleep infinity
kubectl exec --tty -i kafka-client -- bash
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
kubectl delete pod/kafka-client
