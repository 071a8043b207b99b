package io.confluent.connect;

import java.util.Map;

import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * Stands in for Confluent's converters that ask a schema registry: a worker whose settings name one starts, and
 * records that such a converter cannot read fail as they do there. What it could read is refused, not guessed.
 */
public abstract class RegistryConverter implements Converter {
    private static final byte MAGIC = 0;
    private static final int HEADER_BYTES = 5;

    // not told by config(), as little as by the real ones: a worker only finds out when it starts a task
    private static final ConfigDef KEYS = new ConfigDef().define("schema.registry.url", ConfigDef.Type.LIST,
        ConfigDef.Importance.HIGH, "Addresses of schema registries, separated by commas.");

    /** Raises Kafka's own ConfigException if there is no schema.registry.url. */
    @Override
    public final void configure(Map<String, ?> given, boolean isKey) {
        new AbstractConfig(KEYS, given, false);
    }

    @Override
    public final byte[] fromConnectData(String topic, Schema schema, Object value) {
        if (value == null) {
            return null;
        }
        throw refusal();
    }

    @Override
    public final SchemaAndValue toConnectData(String topic, byte[] value) {
        if (value == null) {
            return SchemaAndValue.NULL;
        }
        if (value.length < HEADER_BYTES || value[0] != MAGIC) {
            throw new DataException(failure(topic), new SerializationException("Unknown magic byte!"));
        }
        throw refusal();
    }

    /** What the real converter says first of a record that it cannot read. */
    protected abstract String failure(String topic);

    private DataException refusal() {
        return new DataException(getClass().getName() + " is not supported by Topicmark's stand-in for it: "
            + "use --connect-plugins DIR with Confluent's plugin");
    }
}
