package io.confluent.connect.hdfs.partitioner;

/** Older name of {@link io.confluent.connect.storage.partitioner.DefaultPartitioner}. */
public final class DefaultPartitioner {
    private DefaultPartitioner() {
    }
}
