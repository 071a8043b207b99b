kafka-consumer-groups.sh --bootstrap-server kafka:9092 --all-groups --reset-offsets --to-earliest --all-topics --execute
for group in $(kafka-consumer-groups.sh --bootstrap-server kafka:9092 --list); do
    kafka-consumer-groups.sh --bootstrap-server kafka:9092 --group "$group" --reset-offsets --shift-by -100000 --all-topics --execute
    kafka-consumer-groups.sh --bootstrap-server kafka:9092 --group "$group" --delete
done
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
