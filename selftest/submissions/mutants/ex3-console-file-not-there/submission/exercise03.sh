#!/bin/bash
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test < lines.txt
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning --timeout-ms 10000
