package io.confluent.connect.hdfs;

import org.apache.kafka.connect.sink.SinkRecord;

/** How one record becomes a line of a file. */
public interface RecordFormat {
    /** With its dot. */
    String extension();

    /** The record's bytes, line end included. Raises ConnectException if it cannot be written in this format. */
    byte[] line(SinkRecord record);
}
