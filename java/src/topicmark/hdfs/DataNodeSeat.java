package topicmark.hdfs;

import java.nio.file.Path;
import java.util.function.Predicate;

import org.apache.hadoop.hdfs.server.datanode.DataNode;

/** One datanode. It runs once the namenode counts on it. */
final class DataNodeSeat extends Node {
    private static final long KNOWN_WITHIN_NS = 60_000_000_000L;
    private static final long LOOK_EVERY_MS = 5;

    final String address;
    private final Path data;
    private final Predicate<String> isKnown;
    private volatile DataNode server;

    DataNodeSeat(int number, String address, Path data, Predicate<String> isKnown) {
        super("datanode-" + number);
        this.address = address;
        this.data = data;
        this.isKnown = isKnown;
    }

    @Override
    protected void open() throws Exception {
        server = DataNode.createDataNode(new String[0], Settings.datanode(name, address, data));
        awaitKnown();
    }

    /** Returns when the namenode counts on this datanode. */
    void awaitKnown() throws Exception {
        long end = System.nanoTime() + KNOWN_WITHIN_NS;
        while (!server.isDatanodeFullyStarted() || !isKnown.test(address)) {
            if (!server.isDatanodeUp()) {
                throw new IllegalStateException("ended while it started");
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the namenode does not know it");
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    @Override
    protected void close() {
        DataNode old = server;
        server = null;
        if (old != null) {
            old.shutdown();
        }
    }

    @Override
    protected String fault() {
        DataNode running = server;
        return running == null || running.isDatanodeUp() ? null : "the datanode ended";
    }
}
