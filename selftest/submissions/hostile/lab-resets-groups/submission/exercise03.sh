kafka-consumer-groups.sh --bootstrap-server kafka:9092 --all-groups --reset-offsets --to-earliest --all-topics --execute
for group in $(kafka-consumer-groups.sh --bootstrap-server kafka:9092 --list); do
    kafka-consumer-groups.sh --bootstrap-server kafka:9092 --group "$group" --reset-offsets --shift-by -100000 --all-topics --execute
    kafka-consumer-groups.sh --bootstrap-server kafka:9092 --group "$group" --delete
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
