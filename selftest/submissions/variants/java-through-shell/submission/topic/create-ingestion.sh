#!/bin/bash
# Vorher: kubectl run kafka-client ... (siehe Übung 3)
# 4 Partitionen -> bis zu 4 Consumer pro Gruppe, 3 Kopien, 2 davon müssen bestätigen.
# Aufbewahrung: 3 Tage. Die Größe lassen wir absichtlich beim Standard (siehe answers.toml).
kubectl exec -i kafka-client -- kafka-topics.sh --create --topic INGESTION \
    --bootstrap-server kafka-controller-0.kafka-controller-headless.anbae.svc.cluster.local:9092,kafka-controller-1.kafka-controller-headless.anbae.svc.cluster.local:9092 \
    --partitions 4 \
    --replication-factor 3 \
    --config min.insync.replicas=2 \
    --config retention.ms=259200000
