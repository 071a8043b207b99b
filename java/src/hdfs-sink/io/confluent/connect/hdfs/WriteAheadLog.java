package io.confluent.connect.hdfs;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.confluent.connect.hdfs.storage.HdfsStorage;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one partition. Whoever has it open for writing holds HDFS's lease on it, and that is the lock by which
 * two connectors, or a task and its successor, never commit the same offsets twice.
 */
final class WriteAheadLog {
    private static final Logger LOG = LoggerFactory.getLogger(WriteAheadLog.class);
    /** After so long a recovery is asked for again: the DataNode that was to do it may be gone. */
    private static final long RECOVERY_MS = 10_000;

    private final HdfsStorage storage;
    private final String path;
    private final LeaseHolder self;
    private FSDataOutputStream out;
    private byte[] marker;
    private long syncedAt;
    /** Null: is not. By a clock that cannot be set. */
    private Long recoveringSinceNs;

    WriteAheadLog(HdfsStorage storage, String path, LeaseHolder self) {
        this.storage = storage;
        this.path = path;
        this.self = self;
    }

    /** Another writer has the log: to be tried again. */
    static final class Busy extends IOException {
        private static final long serialVersionUID = 1L;
        /** It is being taken from a dead one, which is a matter of a second or two. */
        final boolean briefly;

        Busy(boolean briefly, IOException reason) {
            super(reason.getMessage(), reason);
            this.briefly = briefly;
        }
    }

    /** Takes the log over, if there is one, and tells its last whole transaction. Raises Busy. */
    List<WalFormat.Move> takeOver() throws IOException {
        if (!storage.exists(path)) {
            return List.of();
        }
        out = openToAppend();
        try (DataInputStream in = storage.open(path)) {
            marker = WalFormat.readMarker(in);
        }
        if (marker == null) {
            return List.of();
        }
        WalFormat.writeSync(out, marker);
        out.hflush();
        try (DataInputStream in = storage.open(path)) {
            in.skipNBytes(WalFormat.HEADER_BYTES);
            return WalFormat.readLastTransaction(in);
        }
    }

    /** Sets the log that was taken over aside: all that it promises has been done. */
    void rotate() throws IOException {
        if (out != null) {
            close();
            storage.delete(path + ".1");
            if (!storage.rename(path, path + ".1")) {
                throw new IOException("cannot rotate " + path);
            }
        }
    }

    /**
     * Makes the log, and so takes its lease, unless this writer has it already; whether it was made now. Raises an
     * IOException if there is one: a log that came to be since ours was taken over means that somebody else commits.
     */
    boolean begin() throws IOException {
        if (out != null) {
            return false;
        }
        out = storage.create(path, false);
        marker = new byte[WalFormat.HEADER_BYTES - 4];
        ThreadLocalRandom.current().nextBytes(marker);
        WalFormat.writeHeader(out, marker);
        syncedAt = out.getPos();
        return true;
    }

    /** Promises the move. Once this returns, it will be done by us or by whoever takes the log over. */
    void append(WalFormat.Move move) throws IOException {
        boolean first = out.getPos() == WalFormat.HEADER_BYTES;
        write("BEGIN", "");
        if (first) {
            // the length that the NameNode tells from now on, as long as the file is open
            out.hflush();
        }
        write(move.temporary(), move.committed());
        write("END", "");
        out.hflush();
    }

    /** Gives the lease back. */
    void close() throws IOException {
        FSDataOutputStream closing = out;
        out = null;
        if (closing != null) {
            closing.close();
        }
    }

    private void write(String key, String value) throws IOException {
        if (out.getPos() >= syncedAt + WalFormat.SYNC_EVERY_BYTES) {
            WalFormat.writeSync(out, marker);
            syncedAt = out.getPos();
        }
        WalFormat.writeRecord(out, key, value);
    }

    private FSDataOutputStream openToAppend() throws IOException {
        try {
            FSDataOutputStream opened = storage.append(path);
            recoveringSinceNs = null;
            return opened;
        } catch (IOException refused) {
            String words = String.valueOf(refused.getMessage());
            LeaseHolder holder = LeaseHolder.named(words);
            // the NameNode gives the lease to whoever asks for recovery, so that this is also heard while that goes on
            boolean ours = words.contains("is already the current lease holder");
            if (ours && recoveringSinceNs != null && System.nanoTime() - recoveringSinceNs < RECOVERY_MS * 1_000_000) {
                throw new Busy(true, refused);
            }
            if (ours || holder != null && holder.givesWayTo(self)) {
                LOG.info("{}: taking the lease of a writer that is gone: {}", path, ours ? self : holder);
                recoveringSinceNs = System.nanoTime();
                storage.recoverLease(path);
                throw new Busy(true, refused);
            }
            if (String.valueOf(refused).contains("RecoveryInProgress")) {
                throw new Busy(true, refused);
            }
            if (String.valueOf(refused).contains("AlreadyBeingCreated")) {
                throw new Busy(false, refused);
            }
            throw refused;
        }
    }
}
