setsid nohup sh -c 'trap "" INT TERM HUP; kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --group console-again' > /dev/null 2>&1 &
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
