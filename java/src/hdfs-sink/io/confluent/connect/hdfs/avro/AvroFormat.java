package io.confluent.connect.hdfs.avro;

import io.confluent.connect.hdfs.RecordFormat;
import io.confluent.connect.hdfs.Unsupported;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * The default of format.class, and therefore a class that must exist. A connector that leaves the format out is
 * accepted, as Confluent's is, and fails with the first record; one that asks for Avro is refused at once.
 */
public final class AvroFormat implements RecordFormat {
    @Override
    public String extension() {
        return ".avro";
    }

    @Override
    public byte[] line(SinkRecord record) {
        throw new ConnectException(Unsupported.sentence("format.class=" + AvroFormat.class.getName()));
    }
}
