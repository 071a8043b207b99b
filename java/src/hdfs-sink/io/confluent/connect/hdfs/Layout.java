package io.confluent.connect.hdfs;

import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.confluent.connect.storage.partitioner.DefaultPartitioner;
import org.apache.kafka.common.TopicPartition;

/** Where the files of one partition lie in HDFS, as full URLs. */
final class Layout {
    private static final Pattern COMMITTED = Pattern.compile("([a-zA-Z0-9._-]+)\\+(\\d+)\\+(\\d+)\\+(\\d+)(\\.\\w+)?");

    /** {@code <url>/topics}. */
    final String topics;
    /** The doubled slash is Confluent's, and is seen in its logs. */
    final String temporaries;
    final String logs;
    /** Folder of the committed files. */
    final String committed;
    final String log;
    private final String temporary;
    private final TopicPartition partition;
    private final String extension;
    private final int digits;

    Layout(HdfsSinkConnectorConfig config, TopicPartition partition, String extension) {
        this.partition = partition;
        this.extension = extension;
        this.digits = config.offsetDigits;
        String folder = partition.topic() + config.directoryDelimiter()
            + DefaultPartitioner.folder(partition.partition());
        topics = config.url + "/" + config.topicsDir(partition.topic());
        temporaries = topics + "//+tmp";
        logs = config.url + "/" + config.logsDir(partition.topic());
        committed = topics + "/" + folder;
        log = logs + "/" + partition.topic() + "/" + partition.partition() + "/log";
        temporary = temporaries + "/" + folder + "/" + UUID.randomUUID() + "_tmp" + extension;
    }

    /** One name for as long as this object lives: a partition has one open file at a time. */
    String temporary() {
        return temporary;
    }

    String committed(long first, long last) {
        return committed + "/" + partition.topic() + "+" + partition.partition() + "+" + padded(first) + "+"
            + padded(last) + extension;
    }

    /** The last offset in a file of this partition, by the file's name; empty for other files. */
    OptionalLong lastOffset(String path) {
        Matcher name = COMMITTED.matcher(path.substring(path.lastIndexOf('/') + 1));
        boolean ours = name.matches() && name.group(1).equals(partition.topic())
            && Integer.parseInt(name.group(2)) == partition.partition();
        return ours ? OptionalLong.of(Long.parseLong(name.group(4))) : OptionalLong.empty();
    }

    private String padded(long offset) {
        return digits == 0 ? Long.toString(offset) : String.format("%0" + digits + "d", offset);
    }
}
