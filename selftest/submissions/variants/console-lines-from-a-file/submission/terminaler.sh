# Terminal 1: afsender. Teksten ligger i beskeder.txt.
/opt/bitnami/kafka/bin/kafka-console-producer.sh --broker-list kafka:9092 --topic test --producer-property acks=all < beskeder.txt

# Terminal 2: modtager. Standses med Ctrl+C.
/opt/bitnami/kafka/bin/kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning --property print.timestamp=true
