package io.confluent.connect.protobuf;

import io.confluent.connect.RegistryConverter;

/** See {@link RegistryConverter}. */
public final class ProtobufConverter extends RegistryConverter {
    @Override
    protected String failure(String topic) {
        return "Failed to deserialize data for topic " + topic + " to Protobuf: ";
    }
}
