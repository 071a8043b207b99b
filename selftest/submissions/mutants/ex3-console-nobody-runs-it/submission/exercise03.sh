# exercise 3, validate the deployment
#
# terminal 1:
#   kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
# terminal 2:
#   kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
