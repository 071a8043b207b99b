package io.confluent.connect.hdfs;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

import io.confluent.connect.hdfs.storage.HdfsStorage;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the partitions that it is given. HDFS that cannot be reached does not fail it: the partitions are paused
 * and tried again, and meanwhile it is RUNNING and commits nothing.
 */
public final class HdfsSinkTask extends SinkTask {
    private static final Logger LOG = LoggerFactory.getLogger(HdfsSinkTask.class);
    private static final long BRIEF_RETRY_MS = 300;

    private final Map<TopicPartition, PartitionWriter> writers = new LinkedHashMap<>();
    private final Map<TopicPartition, Long> retryAtMs = new HashMap<>();
    /** Those whose consumer is about to be moved: what the current delivery holds of them comes again. */
    private final Set<TopicPartition> moving = new HashSet<>();
    private HdfsSinkConnectorConfig config;
    private HdfsStorage storage;
    private RecordFormat format;

    @Override
    public String version() {
        return HdfsSinkConnector.VERSION;
    }

    @Override
    public void start(Map<String, String> given) {
        try {
            config = new HdfsSinkConnectorConfig(given);
            format = config.format();
            storage = new HdfsStorage(config.hadoop(), config.url);
        } catch (ConfigException reason) {
            throw new ConnectException("Couldn't start HdfsSinkConnector due to configuration error.", reason);
        } catch (IOException | IllegalArgumentException reason) {
            throw new ConnectException(reason);
        }
        if (config.flushSize <= 0) {
            LOG.error("flush.size={}: no file is ever written, as with Confluent's connector", config.flushSize);
        }
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            writers.put(partition, new PartitionWriter(partition, config, storage, format));
            retryAtMs.put(partition, now());
            context.pause(partition);
        }
        recoverThoseDue();
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        moving.clear();
        recoverThoseDue();
        if (config.flushSize <= 0) {
            return;
        }
        for (SinkRecord record : records) {
            PartitionWriter writer = writers.get(new TopicPartition(record.topic(), record.kafkaPartition()));
            if (writer == null) {
                throw new ConnectException("no partition " + record.kafkaPartition() + " of " + record.topic()
                    + " is assigned: a transform that changes topics cannot be used with this sink");
            }
            if (!moving.contains(writer.partition)) {
                guarded(writer, () -> writer.write(record));
            }
        }
        for (PartitionWriter writer : writers.values()) {
            guarded(writer, writer::settle);
        }
        wakeForRetries();
    }

    /** Only what is in HDFS counts as read. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> delivered) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (PartitionWriter writer : writers.values()) {
            writer.inHdfs().ifPresent(offset -> offsets.put(writer.partition, new OffsetAndMetadata(offset)));
        }
        return offsets;
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            PartitionWriter writer = writers.remove(partition);
            retryAtMs.remove(partition);
            moving.remove(partition);
            if (writer != null) {
                writer.close();
            }
        }
    }

    @Override
    public void stop() {
        close(Set.copyOf(writers.keySet()));
        if (storage != null) {
            try {
                storage.close();
            } catch (IOException reason) {
                LOG.warn("the client of HDFS was not closed: {}", reason.toString());
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private void guarded(PartitionWriter writer, Work work) {
        try {
            work.run();
        } catch (IOException reason) {
            writer.fail(reason);
            retryAtMs.put(writer.partition, now() + config.retryBackoffMs);
            context.pause(writer.partition);
        }
    }

    private void recoverThoseDue() {
        for (PartitionWriter writer : writers.values()) {
            TopicPartition partition = writer.partition;
            if (writer.isReady() || retryAtMs.get(partition) > now()) {
                continue;
            }
            try {
                OptionalLong position = writer.recover();
                retryAtMs.remove(partition);
                if (position.isPresent()) {
                    context.offset(partition, position.getAsLong());
                    moving.add(partition);
                }
                context.resume(partition);
            } catch (WriteAheadLog.Busy reason) {
                writer.fail(reason);
                retryAtMs.put(partition, now() + (reason.briefly ? BRIEF_RETRY_MS : config.retryBackoffMs));
            } catch (IOException reason) {
                writer.fail(reason);
                // the others would only wait for the same server
                long laterMs = now() + config.retryBackoffMs;
                writers.values().stream().filter(other -> !other.isReady())
                    .forEach(other -> retryAtMs.put(other.partition, laterMs));
            }
        }
        wakeForRetries();
    }

    private void wakeForRetries() {
        retryAtMs.values().stream().mapToLong(Long::longValue).min()
            .ifPresent(atMs -> context.timeout(Math.max(1, atMs - now())));
    }

    /** Since some moment: retries wait for as long as they should though the machine's clock be set meanwhile. */
    private static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
