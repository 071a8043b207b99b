package topicmark.lab;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;

/** A lab is small: how many topics may be made in it, and how many partitions one may have. */
public final class TopicBound implements CreateTopicPolicy {
    private static final int MOST_TOPICS = 200;
    private static final int MOST_PARTITIONS = 256;
    private static final int MOST_REPLICAS = 2000;

    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger replicas = new AtomicInteger();

    @Override
    public void configure(Map<String, ?> configs) {
    }

    @Override
    public void validate(RequestMetadata asked) {
        int partitions = asked.numPartitions() == null ? asked.replicasAssignments().size() : asked.numPartitions();
        if (partitions > MOST_PARTITIONS) {
            throw new PolicyViolationException("This lab allows up to " + MOST_PARTITIONS + " partitions in a topic.");
        }
        if (made.incrementAndGet() > MOST_TOPICS) {
            throw new PolicyViolationException("This lab allows up to " + MOST_TOPICS + " topics to be made.");
        }
        int copies = asked.replicationFactor() == null ? 1 : Math.max(1, asked.replicationFactor());
        if (replicas.addAndGet(partitions * copies) > MOST_REPLICAS) {
            throw new PolicyViolationException("This lab has room for " + MOST_REPLICAS + " replicas.");
        }
    }

    @Override
    public void close() {
    }
}
