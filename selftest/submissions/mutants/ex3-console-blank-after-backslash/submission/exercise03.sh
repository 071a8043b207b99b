# producer
kafka-console-producer.sh \
  --bootstrap-server kafka:9092 \
  --topic test

# consumer
kafka-console-consumer.sh \
  --bootstrap-server kafka:9092 \ 
  --topic test \
  --from-beginning
