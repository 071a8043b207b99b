#!/usr/bin/env bash
BROKER="localhost:9999"
kafka-console-producer.sh --bootstrap-server $BROKER --topic test
kafka-console-consumer.sh --bootstrap-server $BROKER --topic test --from-beginning
