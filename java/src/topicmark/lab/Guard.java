package topicmark.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metadata.AccessControlEntryRecord;
import org.apache.kafka.common.metadata.ClientQuotaRecord;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/**
 * What programs must not do to the lab, as a new cluster's first records: they hold before anybody can connect.
 *
 * A program may do whatever the exercises could ask for: make, change, delete and use topics and groups. The cluster
 * itself (brokers, access, quotas, placement) and the topics that keep it going are the lab's; these may be read.
 */
final class Guard {
    /** Topics that are the lab's: names, and beginnings of names with a star; divided by commas. A key of ours. */
    static final String TOPICS = "topicmark.guard.topics";
    /** Bytes a second that all programs together may produce, on each broker. */
    static final String PRODUCED = "topicmark.guard.producer.byte.rate";
    private static final List<AclOperation> OF_THE_CLUSTER = List.of(
        AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS, AclOperation.IDEMPOTENT_WRITE);
    private static final List<AclOperation> OF_A_TOPIC = List.of(
        AclOperation.READ, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);

    private final Object topics;
    private final Object produced;

    /** The rules of a node's properties, if they name any; these keys are taken out, for Kafka does not know them. */
    Guard(Properties properties) {
        topics = properties.remove(TOPICS);
        produced = properties.remove(PRODUCED);
    }

    BootstrapMetadata added(BootstrapMetadata first) {
        if (topics == null) {
            return first;
        }
        List<ApiMessageAndVersion> records = new ArrayList<>(first.records());
        OF_THE_CLUSTER.forEach(operation ->
            records.add(allowed(ResourceType.CLUSTER, "kafka-cluster", PatternType.LITERAL, operation)));
        for (String name : topics.toString().split(",")) {
            boolean prefix = name.endsWith("*");
            String known = prefix ? name.substring(0, name.length() - 1) : name;
            OF_A_TOPIC.forEach(operation -> records.add(allowed(
                ResourceType.TOPIC, known, prefix ? PatternType.PREFIXED : PatternType.LITERAL, operation)));
        }
        records.add(production());
        return BootstrapMetadata.fromRecords(records, first.source());
    }

    private static ApiMessageAndVersion allowed(
            ResourceType type, String name, PatternType pattern, AclOperation operation) {
        return new ApiMessageAndVersion(new AccessControlEntryRecord()
            .setId(Uuid.randomUuid())
            .setResourceType(type.code())
            .setResourceName(name)
            .setPatternType(pattern.code())
            .setPrincipal("User:" + ListenerPrincipal.PROGRAM)
            .setHost("*")
            .setOperation(operation.code())
            .setPermissionType(AclPermissionType.ALLOW.code()), (short) 0);
    }

    private ApiMessageAndVersion production() {
        return new ApiMessageAndVersion(new ClientQuotaRecord()
            .setEntity(List.of(new ClientQuotaRecord.EntityData()
                .setEntityType(ClientQuotaEntity.USER)
                .setEntityName(ListenerPrincipal.PROGRAM)))
            .setKey("producer_byte_rate")
            .setValue(Double.parseDouble(produced.toString())), (short) 0);
    }
}
