#!/bin/bash
# Exercise 4: create the INGESTION topic.
# I run this on my laptop, with kubectl pointing at my namespace.

kubectl run kafka-client --restart='Never' --image docker.io/bitnami/kafka:3.8.0-debian-12-r3 --command -- sleep infinity
kubectl wait --for=condition=Ready pod/kafka-client --timeout=120s

kubectl exec --tty -i kafka-client -- kafka-topics.sh --create \
    --bootstrap-server kafka:9092 \
    --topic INGESTION \
    --partitions 3 \
    --replication-factor 3 \
    --config min.insync.replicas=2

# retention: 3 days, and at most 512 MB in each partition
kubectl exec --tty -i kafka-client -- kafka-configs.sh \
    --bootstrap-server kafka:9092 \
    --entity-type topics \
    --entity-name INGESTION \
    --alter \
    --add-config retention.ms=259200000,retention.bytes=536870912

kubectl exec --tty -i kafka-client -- kafka-topics.sh \
    --bootstrap-server kafka:9092 \
    --describe \
    --topic INGESTION

kubectl delete pod/kafka-client
