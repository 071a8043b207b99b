package topicmark.registry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The topic that a Confluent registry keeps its schemas in, made and checked as that one does, with its records. */
final class SchemasTopic implements AutoCloseable {
    private static final String PREFIX = "kafkastore.";
    private static final int ANSWER_MS = 1500;
    private static final int ASK_AGAIN_MS = 200;

    private final Log log;
    private final String topic;
    private final int wantedReplicas;
    private final Properties client = new Properties();
    private KafkaProducer<byte[], byte[]> producer;
    private String clusterId = "";

    /** What is done with one record: its key and its value ({@code NullNode} for a tombstone). */
    interface Restore {
        void record(JsonNode key, JsonNode value) throws Exception;
    }

    SchemasTopic(Properties settings, Log log) {
        this.log = log;
        topic = settings.getProperty(PREFIX + "topic", "_schemas");
        wantedReplicas = Integer.parseInt(settings.getProperty(PREFIX + "topic.replication.factor", "3"));
        for (String name : settings.stringPropertyNames()) {
            if (name.startsWith(PREFIX + "s") || name.startsWith(PREFIX + "bootstrap")) { // security, sasl, ssl
                client.setProperty(name.substring(PREFIX.length()), settings.getProperty(name));
            }
        }
        client.setProperty("bootstrap.servers", endpoints(client));
        client.setProperty("client.id", "schema-registry");
        client.setProperty("auto.include.jmx.reporter", "false");
        client.setProperty("reconnect.backoff.max.ms", "500");
    }

    /** The endpoints of the protocol in use: each may be written with its protocol in front. */
    private static String endpoints(Properties client) {
        String protocol = client.getProperty("security.protocol", "PLAINTEXT");
        List<String> usable = new ArrayList<>();
        for (String endpoint : client.getProperty("bootstrap.servers", "").split(",")) {
            String[] parts = endpoint.trim().split("://", 2);
            if (parts.length == 1 || parts[0].equalsIgnoreCase(protocol)) {
                usable.add(parts[parts.length - 1]);
            }
        }
        if (usable.isEmpty()) {
            throw new ConfigException("No supported Kafka endpoints are configured. kafkastore.bootstrap.servers must"
                + " have at least one endpoint matching kafkastore.security.protocol.");
        }
        return String.join(",", usable);
    }

    String clusterId() {
        return clusterId;
    }

    /** Reach the brokers, then make or check the topic. */
    void open() throws Exception {
        Admin admin;
        try {
            admin = Admin.create(client);
        } catch (org.apache.kafka.common.KafkaException reason) {
            Throwable cause = reason.getCause() == null ? reason : reason.getCause();
            throw new ConfigException(cause.getMessage() + " (" + client.getProperty("bootstrap.servers") + ")");
        }
        try (admin) {
            int brokers = awaitBrokers(admin);
            try {
                check(admin);
            } catch (ExecutionException missing) {
                if (!(missing.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw missing;
                }
                create(admin, brokers);
            }
        }
        Properties settings = new Properties();
        settings.putAll(client);
        settings.setProperty("acks", "all");
        producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private int awaitBrokers(Admin admin) throws InterruptedException {
        while (true) {
            try {
                var cluster = admin.describeCluster();
                int brokers = cluster.nodes().get(ANSWER_MS, TimeUnit.MILLISECONDS).size();
                clusterId = cluster.clusterId().get(ANSWER_MS, TimeUnit.MILLISECONDS);
                return brokers;
            } catch (ExecutionException | java.util.concurrent.TimeoutException notYet) {
                log.warn("Expected 1 brokers but found only 0. Trying to query Kafka for metadata again ... ("
                    + client.getProperty("bootstrap.servers") + ")");
                Thread.sleep(ASK_AGAIN_MS);
            }
        }
    }

    private void check(Admin admin) throws Exception {
        TopicDescription known = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
        if (known.partitions().size() != 1) {
            throw new IllegalStateException("The schema topic " + topic + " should have only 1 partition but has "
                + known.partitions().size());
        }
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        String policy = admin.describeConfigs(List.of(resource)).all().get().get(resource)
            .get("cleanup.policy").value();
        if (!policy.equals("compact")) {
            throw new IllegalStateException("The retention policy of the schema topic " + topic + " is incorrect."
                + " Expected cleanup.policy to be 'compact' but it is " + policy);
        }
    }

    private void create(Admin admin, int brokers) throws Exception {
        if (brokers < wantedReplicas) {
            log.warn("Creating the schema topic " + topic + " using a replication factor of " + brokers
                + ", which is less than the desired one of " + wantedReplicas + ".");
        }
        NewTopic wanted = new NewTopic(topic, 1, (short) Math.min(brokers, wantedReplicas));
        try {
            admin.createTopics(List.of(wanted.configs(Map.of("cleanup.policy", "compact")))).all().get();
        } catch (ExecutionException reason) {
            if (!(reason.getCause() instanceof TopicExistsException)) {
                throw reason;
            }
            check(admin);
        }
    }

    /** Every record from the first to the last one there is now. */
    void replay(Restore restore) throws Exception {
        Properties settings = new Properties();
        settings.putAll(client);
        settings.setProperty("enable.auto.commit", "false");
        settings.setProperty("auto.offset.reset", "earliest");
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.key() != null) {
                        restore.record(Backend.JSON.readTree(record.key()),
                            Backend.JSON.readTree(record.value() == null ? "null".getBytes() : record.value()));
                    }
                }
            }
        }
    }

    /** Returns when the brokers have it. */
    void append(JsonNode key, JsonNode value) throws Exception {
        byte[] bytes = value == null ? null : value.toString().getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(topic, 0, key.toString().getBytes(StandardCharsets.UTF_8), bytes)).get();
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(1));
        }
    }
}
