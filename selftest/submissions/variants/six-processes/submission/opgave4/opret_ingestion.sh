#!/bin/sh
# Opretter INGESTION hvis det ikke allerede findes.
# Koeres inde i kafka-client podden: sh opret_ingestion.sh
set -e

BROKERE=kafka-controller-0.kafka-controller-headless.gruppe12.svc.cluster.local:9092,kafka-controller-1.kafka-controller-headless.gruppe12.svc.cluster.local:9092
DAG=$((24 * 60 * 60 * 1000))
MB=$((1024 * 1024))

/opt/bitnami/kafka/bin/kafka-topics.sh --bootstrap-server "$BROKERE" --create --if-not-exists --topic INGESTION --partitions 3 --replication-factor 3 --config min.insync.replicas=2 --config retention.ms=$((5 * DAG)) --config retention.bytes=$((100 * MB))

/opt/bitnami/kafka/bin/kafka-topics.sh --bootstrap-server "$BROKERE" --describe --topic INGESTION
