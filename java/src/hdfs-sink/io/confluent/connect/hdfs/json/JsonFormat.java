package io.confluent.connect.hdfs.json;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.connect.hdfs.RecordFormat;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;

/** One JSON document a line: a Struct without its schema, everything else as Jackson writes it. */
public final class JsonFormat implements RecordFormat {
    private static final byte[] LINE_END = System.lineSeparator().getBytes(StandardCharsets.UTF_8);

    private final ObjectMapper mapper = new ObjectMapper();
    private final JsonConverter structs = new JsonConverter();

    public JsonFormat() {
        structs.configure(Map.of("schemas.enable", "false"), false);
    }

    @Override
    public String extension() {
        return ".json";
    }

    @Override
    public byte[] line(SinkRecord record) {
        Object value = record.value();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            line.write(value instanceof Struct
                ? structs.fromConnectData(record.topic(), record.valueSchema(), value)
                : mapper.writeValueAsBytes(value));
            line.write(LINE_END);
        } catch (JsonProcessingException reason) {
            throw new DataException("cannot be written as JSON: " + reason.getOriginalMessage(), reason);
        } catch (IOException reason) {
            throw new IllegalStateException(reason);
        }
        return line.toByteArray();
    }
}
