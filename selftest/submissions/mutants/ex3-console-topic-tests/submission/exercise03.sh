#!/bin/bash
# Terminal A
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic tests
# Terminal B
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
