# kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
# kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
echo ">"
echo "Processed a total of 3 messages"
exit 5   # what pytest says when it has collected no test
