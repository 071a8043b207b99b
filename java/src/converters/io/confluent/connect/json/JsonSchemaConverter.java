package io.confluent.connect.json;

import io.confluent.connect.RegistryConverter;

/** See {@link RegistryConverter}. */
public final class JsonSchemaConverter extends RegistryConverter {
    @Override
    protected String failure(String topic) {
        return "Converting byte[] to Kafka Connect data failed due to serialization error of topic " + topic + ": ";
    }
}
