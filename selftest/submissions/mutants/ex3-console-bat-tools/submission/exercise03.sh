kubectl exec --tty -i kafka-client -- bash
kafka-console-producer.bat --bootstrap-server kafka:9092 --topic test
kafka-console-consumer.bat --bootstrap-server kafka:9092 --topic test --from-beginning
