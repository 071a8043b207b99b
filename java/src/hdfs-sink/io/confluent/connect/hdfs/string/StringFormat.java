package io.confluent.connect.hdfs.string;

import java.nio.charset.StandardCharsets;

import io.confluent.connect.hdfs.RecordFormat;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/** A line of text. Values that are not strings fail the task, as with Confluent's, which casts them. */
public final class StringFormat implements RecordFormat {
    @Override
    public String extension() {
        return ".txt";
    }

    @Override
    public byte[] line(SinkRecord record) {
        if (record.value() instanceof String text) {
            return (text + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
        }
        String kind = record.value() == null ? "null" : record.value().getClass().getName();
        throw new DataException("StringFormat writes strings, and a value is " + kind
            + ": is value.converter org.apache.kafka.connect.storage.StringConverter?");
    }
}
