package topicmark.connect;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.util.TopicAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's admin client of a worker, for brokers on the same machine.
 *
 * A topic that was just made is not known to every broker at once. Who asks the wrong one for its end offsets waits
 * ten seconds in Kafka's own client before it asks again. And why a topic cannot be made it keeps to itself.
 */
final class QuickTopicAdmin extends TopicAdmin {
    private static final Logger LOG = LoggerFactory.getLogger(QuickTopicAdmin.class);
    private static final long AGAIN_AFTER_MS = 50;

    QuickTopicAdmin(Map<String, Object> settings) {
        super(settings);
    }

    @Override
    public Map<TopicPartition, Long> retryEndOffsets(Set<TopicPartition> partitions, Duration timeout, long backoffMs) {
        return super.retryEndOffsets(partitions, timeout, Math.min(backoffMs, AGAIN_AFTER_MS));
    }

    @Override
    public Set<String> createTopics(NewTopic... topics) {
        try {
            return super.createTopics(topics);
        } catch (ConnectException reason) {
            Throwable cause = reason.getCause() == null ? reason : reason.getCause();
            LOG.warn("Cannot create topic {}: {}",
                String.join(", ", Arrays.stream(topics).map(NewTopic::name).toList()), cause.getMessage());
            throw reason;
        }
    }
}
