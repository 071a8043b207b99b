echo "hello from group 9" | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
sleep 5
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --timeout-ms 15000
