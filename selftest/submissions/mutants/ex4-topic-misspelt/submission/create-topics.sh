#!/bin/bash
# exercise 4, run from my laptop
kubectl exec kafka-client -- kafka-topics.sh --bootstrap-server kafka:9092 \
  --create --topic INGESTON --partitions 3 --replication-factor 3 \
  --config min.insync.replicas=2 --config retention.ms=604800000 --config retention.bytes=1073741824
