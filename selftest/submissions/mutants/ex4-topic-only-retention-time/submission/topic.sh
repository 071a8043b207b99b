#!/bin/bash
kafka-topics.sh \
    --bootstrap-server kafka-controller-0.kafka-controller-headless.group-7.svc.cluster.local:9092 \
    --create \
    --topic INGESTION \
    --partitions 3 \
    --replication-factor 3 \
    --config min.insync.replicas=2 \
    --config retention.ms=$((3 * 24 * 60 * 60 * 1000))
