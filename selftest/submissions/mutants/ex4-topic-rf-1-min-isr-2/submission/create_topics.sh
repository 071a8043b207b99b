#!/bin/sh
kubectl exec -it kafka-client -- kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION --partitions 6 --replication-factor 1 --config min.insync.replicas=2 --config retention.ms=604800000 --config retention.bytes=1073741824
