package topicmark.connect;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.connector.policy.ConnectorClientConfigOverridePolicy;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.runtime.Herder;
import org.apache.kafka.connect.runtime.Worker;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.runtime.distributed.DistributedHerder;
import org.apache.kafka.connect.runtime.isolation.Plugins;
import org.apache.kafka.connect.runtime.rest.RestClient;
import org.apache.kafka.connect.runtime.rest.RestServer;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.KafkaConfigBackingStore;
import org.apache.kafka.connect.storage.KafkaOffsetBackingStore;
import org.apache.kafka.connect.storage.KafkaStatusBackingStore;
import org.apache.kafka.connect.util.ConnectUtils;
import org.apache.kafka.connect.util.SharedTopicAdmin;
import org.apache.kafka.connect.util.TopicAdmin;

/**
 * Kafka's own distributed worker, {@code LabWorker worker.properties}, with an admin client that is not as patient.
 *
 * It ends when its standard input does, unless {@code -Dtopicmark.detached=true}: a lab's processes do not outlive
 * the one that started them, however that one ends.
 */
public final class LabWorker extends ConnectDistributed {
    private LabWorker(String... arguments) {
        super(arguments);
    }

    public static void main(String[] arguments) {
        if (!Boolean.getBoolean("topicmark.detached")) {
            Thread parent = new Thread(LabWorker::endWithParent, "parent");
            parent.setDaemon(true);
            parent.start();
        }
        new LabWorker(arguments).run();
    }

    /** What the stores and the herder are made of is Kafka's; only the admin client that they share is ours. */
    @Override
    protected Herder createHerder(DistributedConfig config, String workerId, Plugins plugins,
            ConnectorClientConfigOverridePolicy policy, RestServer rest, RestClient client) {
        String cluster = config.kafkaClusterId();
        String prefix = ConnectUtils.clientIdBase(config);
        Map<String, Object> settings = new HashMap<>(config.originals());
        ConnectUtils.addMetricsContextProperties(settings, config, cluster);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, prefix + "shared-admin");
        SharedTopicAdmin admin = new SharedTopicAdmin(settings) {
            @Override
            protected TopicAdmin createAdmin(TopicAdmin existing) {
                return existing == null ? new QuickTopicAdmin(settings) : existing;
            }
        };
        Converter offsets = plugins.newInternalConverter(
            true, JsonConverter.class.getName(), Map.of("schemas.enable", "false"));
        KafkaOffsetBackingStore offsetStore = new KafkaOffsetBackingStore(admin, () -> prefix, offsets);
        offsetStore.configure(config);
        Worker worker = new Worker(workerId, Time.SYSTEM, plugins, config, offsetStore, policy);
        Converter values = worker.getInternalValueConverter();
        KafkaStatusBackingStore statusStore = new KafkaStatusBackingStore(Time.SYSTEM, values, admin, prefix);
        statusStore.configure(config);
        KafkaConfigBackingStore configStore = new KafkaConfigBackingStore(
            values, config, worker.configTransformer(), admin, prefix);
        return new DistributedHerder(config, Time.SYSTEM, worker, cluster, statusStore, configStore,
            rest.advertisedUrl().toString(), client, policy, List.of(), admin);
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // whatever the parent writes means that it lives
            }
        } catch (IOException reason) {
            System.err.println("standard input: " + reason);
        }
        Runtime.getRuntime().halt(0);
    }
}
