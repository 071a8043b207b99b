#!/bin/sh
echo "== producer (Ctrl+D ends it)"
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
echo "== consumer (Ctrl+C ends it)"
kafka-console-consumer.sh --bootstrap-servers kafka:9092 --topic test --from-beginning
