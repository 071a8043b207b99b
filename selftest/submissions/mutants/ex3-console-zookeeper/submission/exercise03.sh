bin=/opt/bitnami/kafka/bin
$bin/kafka-console-producer.sh --broker-list kafka:9092 --topic test
$bin/kafka-console-consumer.sh --zookeeper zookeeper:2181 --topic test --from-beginning
