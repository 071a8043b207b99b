package io.confluent.connect.hdfs;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

import io.confluent.connect.hdfs.avro.AvroFormat;
import io.confluent.connect.hdfs.json.JsonFormat;
import io.confluent.connect.hdfs.storage.HdfsStorage;
import io.confluent.connect.hdfs.string.StringFormat;
import io.confluent.connect.storage.partitioner.DefaultPartitioner;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/**
 * Every setting of Confluent's connector with its type, default and importance, also those that mean nothing here.
 * Facts from kafka-connect-hdfs 10.2 and kafka-connect-storage-common; the descriptions are our own.
 */
final class SinkKeys {
    private final ConfigDef keys = new ConfigDef();
    private String group;
    private int order;

    private SinkKeys() {
    }

    static ConfigDef definition() {
        SinkKeys made = new SinkKeys();
        made.hdfs();
        made.security();
        made.connector();
        made.storage();
        made.partitioner();
        made.hive();
        return made.keys;
    }

    private void hdfs() {
        in("HDFS");
        text("hdfs.url", null, Importance.HIGH, Width.MEDIUM, "HDFS URL",
            "Older name of store.url, as hdfs://host:port. store.url goes before it.");
        text("hadoop.conf.dir", "", Importance.HIGH, Width.MEDIUM, "Hadoop Configuration Directory",
            "Folder with core-site.xml and hdfs-site.xml.");
        text("hadoop.home", "", Importance.HIGH, Width.SHORT, "Hadoop home directory", "Hadoop's folder; not used.");
        text("logs.dir", "logs", Importance.HIGH, Width.SHORT, "Logs directory",
            "HDFS folder of the write-ahead logs. ${topic} and ${n} are replaced as in topics.dir.");
        text("hive.table.name", "${topic}", Importance.LOW, Width.SHORT, "Hive table name", "Hive only.");
    }

    private void security() {
        in("Security");
        flag("hdfs.authentication.kerberos", false, Importance.HIGH, "HDFS Authentication Kerberos",
            "Whether HDFS asks for Kerberos.");
        kerberos("connect.hdfs.principal", "Connect Kerberos Principal", "Principal of the connector.");
        kerberos("connect.hdfs.keytab", "Connect Kerberos Keytab", "Keytab file of the connector.");
        kerberos("hdfs.namenode.principal", "HDFS NameNode Kerberos Principal", "Principal of the NameNode.");
        keys.define("kerberos.ticket.renew.period.ms", Type.LONG, 3_600_000L, Importance.LOW,
            "How often a ticket is renewed, in milliseconds.", group, ++order, Width.SHORT,
            "Kerberos Ticket Renew Period (ms)", shownIf("hdfs.authentication.kerberos"));
        flag("hdfs.kerberos.refresh.ticket", true, Importance.LOW, "Kerberos refresh ticket",
            "Whether tickets are renewed.");
    }

    private void connector() {
        in("Connector");
        keys.define("format.class", Type.CLASS, AvroFormat.class.getName(), Importance.HIGH,
            "How records are written to a file.", group, ++order, Width.NONE, "Format class",
            choices(AvroFormat.class, JsonFormat.class, StringFormat.class));
        keys.define("flush.size", Type.INT, Importance.HIGH,
            "Records of one partition after which their file is closed and committed.", group, ++order, Width.LONG,
            "Flush Size");
        number("rotate.interval.ms", -1L, Importance.HIGH, "Rotate Interval (ms)",
            "Age in milliseconds at which a file is committed; -1 for no limit.");
        number("rotate.schedule.interval.ms", -1L, Importance.MEDIUM, "Rotate Schedule Interval (ms)",
            "Commit at multiples of this interval, counted from midnight in timezone; -1 for never.");
        keys.define("schema.cache.size", Type.INT, 1000, Importance.LOW, "Avro only.", group, ++order, Width.LONG,
            "Schema Cache Size");
        flag("enhanced.avro.schema.support", false, Importance.LOW, "Enhanced Avro Support", "Avro only.");
        flag("connect.meta.data", true, Importance.LOW, "Connect Metadata", "Avro only.");
        number("retry.backoff.ms", 5000L, Importance.LOW, "Retry Backoff (ms)",
            "Pause in milliseconds before HDFS is tried again.");
        number("shutdown.timeout.ms", 3000L, Importance.MEDIUM, "Shutdown Timeout (ms)", "Hive only.");
        keys.define("filename.offset.zero.pad.width", Type.INT, 10, ConfigDef.Range.atLeast(0), Importance.LOW,
            "Digits of an offset in a file name, at least.", group, ++order, Width.LONG,
            "Filename Offset Zero Pad Width");
        keys.define("avro.codec", Type.STRING, "null", ConfigDef.ValidString.in("null", "deflate", "snappy", "bzip2"),
            Importance.LOW, "Avro only.", group, ++order, Width.MEDIUM, "Avro Compression Codec");
    }

    private void storage() {
        in("Storage");
        keys.define("storage.class", Type.CLASS, HdfsStorage.class.getName(), Importance.HIGH, "The kind of storage.",
            group, ++order, Width.NONE, "Storage Class", choices(HdfsStorage.class));
        text("topics.dir", "topics", Importance.HIGH, Width.NONE, "Topics directory",
            "HDFS folder of the data. ${topic} and, with topic.capture.groups.regex, ${n} are replaced.");
        text("store.url", null, Importance.HIGH, Width.NONE, "Store URL", "Where to write, as hdfs://host:port.");
        text("directory.delim", "/", Importance.MEDIUM, Width.LONG, "Directory Delimiter",
            "Between the topic and the partition in a path.");
        text("file.delim", "+", Importance.MEDIUM, Width.LONG, "File Delimiter",
            "Accepted; the names of this sink's files always use +.");
        text("topic.capture.groups.regex", null, Importance.LOW, Width.LONG, "Topic Capture Groups Regex",
            "Pattern for the whole topic whose groups may be named in topics.dir and logs.dir.");
    }

    private void partitioner() {
        in("Partitioner");
        List<String> details = List.of(
            "partition.field.name", "partition.duration.ms", "path.format", "locale", "timezone");
        keys.define("partitioner.class", Type.CLASS, DefaultPartitioner.class, Importance.HIGH,
            "Which folder a record goes to.", group, ++order, Width.LONG, "Partitioner Class", details,
            choices(DefaultPartitioner.class));
        keys.define("partition.field.name", Type.LIST, "", Importance.MEDIUM, "FieldPartitioner only.", group, ++order,
            Width.NONE, "Partition Field Name", hidden());
        keys.define("partition.duration.ms", Type.LONG, -1L, Importance.MEDIUM, "TimeBasedPartitioner only.", group,
            ++order, Width.LONG, "Partition Duration (ms)", hidden());
        keys.define("path.format", Type.STRING, "", Importance.MEDIUM, "TimeBasedPartitioner only.", group, ++order,
            Width.LONG, "Path Format", hidden());
        keys.define("locale", Type.STRING, "", Importance.MEDIUM, "TimeBasedPartitioner only.", group, ++order,
            Width.LONG, "Locale", hidden());
        keys.define("timezone", Type.STRING, "", SinkKeys::ensureTimezone, Importance.MEDIUM,
            "For rotate.schedule.interval.ms: Europe/Copenhagen, UTC, +01:00.", group, ++order, Width.LONG, "Timezone",
            hidden());
        text("timestamp.extractor", "Wallclock", Importance.MEDIUM, Width.LONG, "Timestamp Extractor",
            "TimeBasedPartitioner only.");
        text("timestamp.field", "timestamp", Importance.MEDIUM, Width.LONG, "Record Field for Timestamp Extractor",
            "TimeBasedPartitioner only.");
    }

    private void hive() {
        in("Hive");
        flag("hive.integration", false, Importance.HIGH, "Hive Integration", "Whether tables are made in Hive.");
        hive("hive.metastore.uris", "", Width.MEDIUM, "Hive Metastore URIs");
        hive("hive.conf.dir", "", Width.MEDIUM, "Hive configuration directory.");
        hive("hive.home", "", Width.MEDIUM, "Hive home directory");
        hive("hive.database", "default", Width.SHORT, "Hive database");
        in("Schema");
        text("schema.compatibility", "NONE", Importance.HIGH, Width.SHORT, "Schema Compatibility",
            "What a change of schema does: NONE starts a new file.");
        in("Logical type handling");
        flag("hive.logical.types.enabled", true, Importance.MEDIUM, "Enable Hive Logical Types", "Hive only.");
    }

    private void in(String name) {
        group = name;
        order = 0;
    }

    private void text(String key, String value, Importance importance, Width width, String display, String about) {
        keys.define(key, Type.STRING, value, importance, about, group, ++order, width, display);
    }

    private void flag(String key, boolean value, Importance importance, String display, String about) {
        keys.define(key, Type.BOOLEAN, value, importance, about, group, ++order, Width.SHORT, display);
    }

    private void number(String key, long value, Importance importance, String display, String about) {
        keys.define(key, Type.LONG, value, importance, about, group, ++order, Width.MEDIUM, display);
    }

    private void kerberos(String key, String display, String about) {
        keys.define(key, Type.STRING, "", Importance.HIGH, about, group, ++order, Width.MEDIUM, display,
            shownIf("hdfs.authentication.kerberos"));
    }

    private void hive(String key, String value, Width width, String display) {
        keys.define(key, Type.STRING, value, Importance.HIGH, "Hive only.", group, ++order, width, display,
            shownIf("hive.integration"));
    }

    private static void ensureTimezone(String key, Object value) {
        String zone = ((String) value).trim();
        try {
            if (!zone.isEmpty()) {
                ZoneId.of(zone);
            }
        } catch (DateTimeException reason) {
            throw new ConfigException(key, value, "The datetime zone id '" + zone + "' is not recognised");
        }
    }

    private static ConfigDef.Recommender choices(Object... values) {
        return new Choice(List.of(values), null, true);
    }

    private static ConfigDef.Recommender shownIf(String parent) {
        return new Choice(List.of(), parent, true);
    }

    private static ConfigDef.Recommender hidden() {
        return new Choice(List.of(), null, false);
    }

    private record Choice(List<Object> values, String parent, boolean shown) implements ConfigDef.Recommender {
        @Override
        public List<Object> validValues(String name, Map<String, Object> parsed) {
            return values;
        }

        @Override
        public boolean visible(String name, Map<String, Object> parsed) {
            return shown && (parent == null || Boolean.TRUE.equals(parsed.get(parent)));
        }
    }
}
