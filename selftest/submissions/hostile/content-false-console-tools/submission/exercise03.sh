PATH="$PWD:$PATH"
chmod +x kafka-console-producer.sh kafka-console-consumer.sh
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
