package io.confluent.connect.avro;

import java.util.Map;

import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * A stand-in for the converter of this name, which is not to be had by coordinate.
 *
 * The course's worker names it as its default, and a connector that leaves its converters out gets it. It does what
 * the real one does to records without Avro's magic byte: it refuses them, in the real one's words, and the task
 * fails. It does not read or write Avro, and says so.
 */
public final class AvroConverter implements Converter {
    private static final String URL = "schema.registry.url";

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        if (configs.get(URL) == null) {
            throw new ConfigException(
                "Missing required configuration \"" + URL + "\" which has no default value.");
        }
    }

    @Override
    public SchemaAndValue toConnectData(String topic, byte[] value) {
        if (value == null) {
            return SchemaAndValue.NULL;
        }
        throw new DataException("Failed to deserialize data for topic " + topic + " to Avro: ",
            new SerializationException(value.length > 0 && value[0] == 0
                ? "Topicmark's stand-in for AvroConverter cannot read Avro" : "Unknown magic byte!"));
    }

    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object value) {
        if (value == null) {
            return null;
        }
        throw new DataException("Failed to serialize Avro data from topic " + topic + " :",
            new SerializationException("Topicmark's stand-in for AvroConverter cannot write Avro"));
    }
}
