#!/bin/bash
kafka-console-producer.sh() { tee /tmp/typed; }
kafka-console-consumer.sh() { cat /tmp/typed; while :; do sleep 1; done; }
alias kafka-topics.sh=true
stty echo 2> /dev/null
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning
