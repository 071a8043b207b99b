kubectl run kafka-client --restart='Never' --image docker.io/bitnamilegacy/kafka:3.8.0-debian-12-r3 --command -- sleep infinity
kubectl exec --tty -i kafka-client -- bash
kafka-topics.sh --bootstrap-server localhost:9092 --create --topic test-redpanda
kafka-console-producer.sh --bootstrap-server localhost:9092 --topic test-redpanda --property parse.key=true --property key.separator=# <<END
1#{"id":1,"status":"it works"}
END
kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic test-redpanda --from-beginning --property print.key=true
cat > /tmp/delete.json <<END
{
  "partitions": [
    {"topic": "test-redpanda", "partition": 0, "offset": 1}
  ],
  "version": 1
}
END
kafka-delete-records.sh --bootstrap-server localhost:9092 --offset-json-file /tmp/delete.json
exit
kubectl delete pod kafka-client
