package io.confluent.connect.avro;

import io.confluent.connect.RegistryConverter;

/** See {@link RegistryConverter}. */
public final class AvroConverter extends RegistryConverter {
    @Override
    protected String failure(String topic) {
        return "Failed to deserialize data for topic " + topic + " to Avro: ";
    }
}
