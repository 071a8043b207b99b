rpk topic create test-redpanda -X brokers=kafka:9092
echo '{"id":1,"status":"it works"}' | rpk topic produce test-redpanda -k 1 -X brokers=kafka:9092
rpk topic trim-prefix test-redpanda --offset end -X brokers=kafka:9092 --no-confirm
