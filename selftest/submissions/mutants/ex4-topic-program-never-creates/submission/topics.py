from kafka.admin import KafkaAdminClient, NewTopic

CONFIG = {
    'min.insync.replicas': '2',
    'retention.ms': str(7 * 24 * 3600 * 1000),
    'retention.bytes': str(1024 ** 3),
}


def create_ingestion(admin):
    topics = []
    topics.append(NewTopic('INGESTION', num_partitions=3, replication_factor=3, topic_configs=CONFIG))
    print('Created', [t.name for t in topics])
    return topics


if __name__ == '__main__':
    client = KafkaAdminClient(bootstrap_servers='kafka:9092')
    create_ingestion(client)
    client.close()
