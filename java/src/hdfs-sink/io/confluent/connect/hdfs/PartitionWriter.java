package io.confluent.connect.hdfs;

import java.io.IOException;
import java.util.Objects;
import java.util.OptionalLong;

import io.confluent.connect.hdfs.storage.HdfsStorage;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.SchemaProjectorException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one partition: a temporary one that grows, and committed ones.
 *
 * A commit closes the temporary file, promises its move in the log, and renames it. Every failure on the way ends in
 * {@link #recover}, the same for a broken connection and for a new task after a crash: what was promised is done,
 * and reading goes on after the last offset that is in HDFS.
 */
final class PartitionWriter {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionWriter.class);
    private static final long UNKNOWN = -1;

    final TopicPartition partition;
    private final HdfsSinkConnectorConfig config;
    private final HdfsStorage storage;
    private final RecordFormat format;
    private final Layout layout;
    private final WriteAheadLog log;
    private final Rotation rotation;

    private boolean ready;
    /** Where to go on if HDFS does not know: the first record that was turned away or lost with a file. */
    private long wanted = UNKNOWN;
    private long next = UNKNOWN;
    private long inHdfs = UNKNOWN;
    private FSDataOutputStream file;
    private Schema schema;
    private long first;
    private int count;

    PartitionWriter(TopicPartition partition, HdfsSinkConnectorConfig config, HdfsStorage storage, RecordFormat format) {
        this.partition = partition;
        this.config = config;
        this.storage = storage;
        this.format = format;
        layout = new Layout(config, partition, format.extension());
        log = new WriteAheadLog(storage, layout.log, LeaseHolder.self(config.name));
        rotation = new Rotation(config);
    }

    boolean isReady() {
        return ready;
    }

    /** The offset after the last one in HDFS, if any is. */
    OptionalLong inHdfs() {
        return inHdfs == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(inHdfs);
    }

    /** Brings HDFS in order and tells where to read on; empty to leave that to the consumer group. */
    OptionalLong recover() throws IOException {
        log.close();
        storage.makeFolder(layout.topics);
        storage.makeFolder(layout.temporaries);
        storage.makeFolder(layout.logs);
        long last = UNKNOWN;
        for (WalFormat.Move move : log.takeOver()) {
            complete(move);
            last = Math.max(last, layout.lastOffset(move.committed()).orElse(UNKNOWN));
        }
        log.rotate();
        last = Math.max(last, lastInFiles());
        inHdfs = last == UNKNOWN ? UNKNOWN : last + 1;
        next = inHdfs == UNKNOWN ? wanted : inHdfs;
        wanted = UNKNOWN;
        ready = true;
        rotation.restart(now());
        LOG.info("{}: goes on at offset {}", partition, next == UNKNOWN ? "of the group" : next);
        return next == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** Writes the record, or remembers that it is still to come. */
    void write(SinkRecord record) throws IOException {
        long offset = record.kafkaOffset();
        if (!ready) {
            wanted = wanted == UNKNOWN ? offset : Math.min(wanted, offset);
            return;
        }
        if (offset < next) {
            return;
        }
        if (rotation.isDue(count, now()) || changesSchema(record)) {
            commit();
        }
        byte[] line = format.line(record);
        if (file == null) {
            file = storage.create(layout.temporary(), true);
            first = offset;
            schema = record.valueSchema();
        }
        count++;
        next = offset + 1;
        file.write(line);
    }

    /** After the last record of a delivery, and now and then without any: commits what is due. */
    void settle() throws IOException {
        if (ready && count > 0 && rotation.isDue(count, now())) {
            commit();
        }
    }

    /** Gives up what is not committed; it will be read again. */
    void fail(Exception reason) {
        if (ready) {
            wanted = count > 0 ? first : next;
        }
        ready = false;
        // the first line: a refusal of the NameNode brings its stack along
        String words = reason.toString().lines().findFirst().orElse("");
        if (reason instanceof WriteAheadLog.Busy busy && busy.briefly) {
            LOG.debug("{}: {}", partition, words);
        } else {
            LOG.warn("{}: {}", partition, words);
        }
        discard();
    }

    /** Leaves no temporary file and no lease. */
    void close() {
        ready = false;
        discard();
        try {
            log.close();
        } catch (IOException reason) {
            LOG.warn("{}: the log was not closed: {}", partition, reason.toString());
        }
    }

    private void commit() throws IOException {
        if (count == 0) {
            rotation.restart(now());
            return;
        }
        file.close();
        if (log.begin() && lastInFiles() >= first) {
            throw new IOException("another writer has committed offsets from " + first + " on");
        }
        WalFormat.Move move = new WalFormat.Move(layout.temporary(), layout.committed(first, next - 1));
        log.append(move);
        rename(move);
        file = null;
        count = 0;
        inHdfs = next;
        rotation.restart(now());
    }

    /** Does what a log promises, unless it is done. A temporary file beside its committed one is a later file. */
    private void complete(WalFormat.Move move) throws IOException {
        if (!storage.exists(move.committed()) && storage.exists(move.temporary())) {
            rename(move);
        }
    }

    private void rename(WalFormat.Move move) throws IOException {
        storage.makeFolder(move.committed().substring(0, move.committed().lastIndexOf('/')));
        if (!storage.rename(move.temporary(), move.committed()) && !storage.exists(move.committed())) {
            throw new IOException("cannot rename " + move.temporary() + " to " + move.committed());
        }
    }

    private long lastInFiles() throws IOException {
        long last = UNKNOWN;
        for (String name : storage.list(layout.committed)) {
            last = Math.max(last, layout.lastOffset(name).orElse(UNKNOWN));
        }
        return last;
    }

    private boolean changesSchema(SinkRecord record) {
        if (count == 0 || Objects.equals(schema, record.valueSchema())) {
            return false;
        }
        if (schema == null || record.valueSchema() == null) {
            throw new SchemaProjectorException("Switch between schema-based and schema-less data is not supported");
        }
        if (!config.ignoresSchemaChanges()) {
            throw new ConnectException(
                Unsupported.sentence("schema.compatibility=" + config.getString("schema.compatibility")));
        }
        return true;
    }

    private void discard() {
        FSDataOutputStream abandoned = file;
        file = null;
        count = 0;
        if (abandoned == null) {
            return;
        }
        try {
            abandoned.close();
            storage.delete(layout.temporary());
        } catch (IOException reason) {
            LOG.warn("{}: the temporary file stays: {}", partition, reason.toString());
        }
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
