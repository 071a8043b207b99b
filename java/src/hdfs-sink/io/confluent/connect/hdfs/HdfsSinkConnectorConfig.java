package io.confluent.connect.hdfs;

import java.time.ZoneId;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import io.confluent.connect.hdfs.avro.AvroFormat;
import io.confluent.connect.hdfs.json.JsonFormat;
import io.confluent.connect.hdfs.string.StringFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;

/** The settings of one connector, checked as a whole. */
public final class HdfsSinkConnectorConfig extends AbstractConfig {
    private static final Pattern GROUP_REFERENCE = Pattern.compile("\\$\\{(\\d+)}");
    /** Another file system, or none named: Hadoop would take the worker's own disk. */
    private static final Pattern NO_HDFS = Pattern.compile("(?i)(?!hdfs:)[a-z0-9+.-]*:?/");

    final String name;
    final String url;
    final int flushSize;
    final long rotateIntervalMs;
    final long rotateScheduleIntervalMs;
    final long retryBackoffMs;
    final int offsetDigits;
    private final Pattern topicGroups;

    /** Raises ConfigException for what cannot work at all; what is merely wrong (a host, a port) shows later. */
    public HdfsSinkConnectorConfig(Map<String, String> given) {
        super(SinkKeys.definition(), given, false);
        name = given.getOrDefault("name", "HDFS-sink");
        url = storeUrl();
        flushSize = getInt("flush.size");
        rotateIntervalMs = getLong("rotate.interval.ms");
        rotateScheduleIntervalMs = getLong("rotate.schedule.interval.ms");
        retryBackoffMs = getLong("retry.backoff.ms");
        offsetDigits = getInt("filename.offset.zero.pad.width");
        topicGroups = topicGroups();
        for (String key : new String[] {"topics.dir", "logs.dir"}) {
            if (topicGroups == null && GROUP_REFERENCE.matcher(getString(key)).find()) {
                throw new ConfigException(
                    key + " cannot contain ${} without a valid topic.capture.groups.regex being configured.");
            }
        }
        if (rotateScheduleIntervalMs > 0 && getString("timezone").isBlank()) {
            throw new ConfigException(
                "timezone configuration must be set when using rotate.schedule.interval.ms");
        }
    }

    ZoneId timezone() {
        return ZoneId.of(getString("timezone").trim());
    }

    String topicsDir(String topic) {
        return forTopic(getString("topics.dir"), topic);
    }

    String logsDir(String topic) {
        return forTopic(getString("logs.dir"), topic);
    }

    String directoryDelimiter() {
        return getString("directory.delim");
    }

    boolean ignoresSchemaChanges() {
        return !getString("schema.compatibility").matches("(?i)BACKWARD|FORWARD|FULL");
    }

    RecordFormat format() {
        Class<?> chosen = getClass("format.class");
        if (chosen == JsonFormat.class) {
            return new JsonFormat();
        }
        return chosen == StringFormat.class ? new StringFormat() : new AvroFormat();
    }

    /** Hadoop's settings: those of hadoop.conf.dir, and a connection that is given up soon, for it is tried again. */
    Configuration hadoop() {
        Configuration hadoop = new Configuration();
        hadoop.setInt("ipc.client.connect.max.retries", 1);
        hadoop.setInt("ipc.client.connect.max.retries.on.timeouts", 1);
        hadoop.setInt("ipc.client.connect.retry.interval", 500);
        // a file's end waits for its DataNodes' reports: ask often and, all in all, for as long as Hadoop would
        hadoop.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 10);
        hadoop.setInt("dfs.client.block.write.locateFollowingBlock.retries", 11);
        // a lab's three DataNodes have no fourth to take a dead one's place: go on with those that are left
        hadoop.set("dfs.client.block.write.replace-datanode-on-failure.policy", "NEVER");
        String folder = getString("hadoop.conf.dir");
        if (!folder.isBlank()) {
            hadoop.addResource(new Path(folder + "/core-site.xml"));
            hadoop.addResource(new Path(folder + "/hdfs-site.xml"));
        }
        hadoop.set("mapreduce.task.attempt.id", LeaseHolder.self(name).label());
        return hadoop;
    }

    private String storeUrl() {
        for (String key : new String[] {"store.url", "hdfs.url"}) {
            String value = getString(key);
            if (value != null && !value.isBlank()) {
                if (NO_HDFS.matcher(value.strip()).lookingAt()) {
                    throw new ConfigException(key, value, "Topicmark's sink writes to hdfs:// only.");
                }
                return value;
            }
        }
        throw new ConfigException("Configuration store.url cannot be empty.");
    }

    private Pattern topicGroups() {
        String pattern = getString("topic.capture.groups.regex");
        try {
            return pattern == null ? null : Pattern.compile(pattern);
        } catch (PatternSyntaxException reason) {
            throw new ConfigException(
                "topic.capture.groups.regex is an invalid regex pattern: " + reason.getMessage());
        }
    }

    private String forTopic(String folder, String topic) {
        String named = folder.replace("${topic}", topic);
        if (topicGroups == null) {
            return named;
        }
        Matcher match = topicGroups.matcher(topic);
        if (!match.matches()) {
            throw new ConfigException("topic.capture.groups.regex", topicGroups.pattern(),
                "Topic " + topic + " does not fully match the specified regex.");
        }
        for (int i = 0; i <= match.groupCount(); i++) {
            named = named.replace("${" + i + "}", match.group(i) == null ? "" : match.group(i));
        }
        return named;
    }
}
