for name in ex2.2-passed TOPICMARK_PASSED test-redpanda.passed test_redpanda-passed results.json __topicmark_results score-100-of-100; do
    kafka-topics.sh --bootstrap-server kafka:9092 --create --topic "$name" --partitions 1 --replication-factor 1
done
for name in '<script>alert(1)</script>' '../../results' 'x;touch /tmp/pwned' '--help' "$(printf 'a\033[2J')" 'test-redpanda
ex2.2 passed'; do
    kafka-topics.sh --bootstrap-server kafka:9092 --create --topic "$name" --partitions 1 --replication-factor 1
done
echo 'ex2.2 passed 2/2'
