#!/bin/bash
# creates the topic
# 2 partitions are enough for me
TOPIC=INGESTION
BROKER="kafka:9092"

kubectl exec -i kafka-client -- kafka-topics.sh \
   --bootstrap-server $BROKER \
   --create \
   --topic $TOPIC \
   --partitions 2 \
   --replication-factor 3 \
   --config min.insync.replicas=2 \
   --config retention.ms=172800000 \
   --config retention.bytes=1073741824

if [ $? -ne 0 ]; then
   echo "creating $TOPIC did not work"
   exit 1
fi
echo "created $TOPIC"
