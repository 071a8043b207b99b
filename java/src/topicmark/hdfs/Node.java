package topicmark.hdfs;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A namenode or datanode that is started and stopped on the same data. */
abstract class Node {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private enum State { STOPPED, STARTING, RUNNING, STOPPING, FAILED }

    final String name;
    /** The launcher starts every node: who asks before it has come to this one is told so. */
    private volatile State state = State.STARTING;
    private volatile String message = "";

    Node(String name) {
        this.name = name;
    }

    /** Starts the servers; returns when they take requests. */
    protected abstract void open() throws Exception;

    /** Ends the servers, also half-started ones; returns when they are gone. */
    protected abstract void close() throws Exception;

    /** Why the servers no longer work although nobody stopped them; null while they do. */
    protected abstract String fault();

    final boolean isRunning() {
        return state == State.RUNNING;
    }

    /** {@code namenode=running}, {@code datanode-1=failed: <message>}. */
    final String describe() {
        if (state == State.RUNNING) {
            String reason = fault();
            if (reason != null && state == State.RUNNING) {
                fail(reason);
            }
        }
        return name + "=" + state.name().toLowerCase() + (state == State.FAILED ? ": " + message : "");
    }

    final synchronized void start() throws Exception {
        if (state == State.RUNNING) {
            return;
        }
        closeQuietly();
        state = State.STARTING;
        long begun = System.nanoTime();
        try {
            open();
        } catch (Throwable reason) {
            LOG.error("{} did not start", name, reason);
            fail(reason.toString());
            closeQuietly();
            throw new IllegalStateException(name + ": " + message);
        }
        state = State.RUNNING;
        LOG.info("{} started in {} ms", name, (System.nanoTime() - begun) / 1_000_000);
    }

    final synchronized void stop() {
        state = State.STOPPING;
        closeQuietly();
        state = State.STOPPED;
    }

    private void fail(String reason) {
        message = reason.replaceAll("\\s+", " ");
        state = State.FAILED;
    }

    private void closeQuietly() {
        try {
            close();
        } catch (Throwable reason) {
            LOG.warn("{} did not stop cleanly", name, reason);
        }
    }
}
