#!/usr/bin/env bash
set -euo pipefail
BOOTSTRAP=kafka-controller-0.kafka-controller-headless.bigdata.svc.cluster.local:9092
TOPIC=test-redpanda
/opt/bitnami/kafka/bin/kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --create --if-not-exists --topic "$TOPIC" --partitions 3 --replication-factor 2
/opt/bitnami/kafka/bin/kafka-console-producer.sh --bootstrap-server "$BOOTSTRAP" --topic "$TOPIC" \
  --property parse.key=true --property "key.separator=;" <<< '1;{ "status": "it works", "id": 1 }'
partitions=$(for p in 0 1 2; do printf '{"topic":"%s","partition":%d,"offset":-1},' "$TOPIC" "$p"; done)
echo "{\"version\":1,\"partitions\":[${partitions%,}]}" > /tmp/offsets.json
/opt/bitnami/kafka/bin/kafka-delete-records.sh --bootstrap-server "$BOOTSTRAP" --offset-json-file /tmp/offsets.json
/opt/bitnami/kafka/bin/kafka-get-offsets.sh --bootstrap-server "$BOOTSTRAP" --topic "$TOPIC" --time earliest
