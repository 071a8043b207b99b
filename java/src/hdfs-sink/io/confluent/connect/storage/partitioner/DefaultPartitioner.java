package io.confluent.connect.storage.partitioner;

/** The one partitioner there is: a folder {@code partition=<p>} for each partition of the topic. */
public final class DefaultPartitioner {
    private DefaultPartitioner() {
    }

    /** The folder's name. */
    public static String folder(int partition) {
        return "partition=" + partition;
    }
}
