# TODO ex3.4: both lines name the same topic, and a broker; does the consumer read what came before it?

# first terminal
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test

# second terminal
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test
