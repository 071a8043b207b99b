package io.confluent.connect.hdfs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/** Topicmark's own HDFS 2 sink: names, settings, files and recovery are those of Confluent's connector. */
public final class HdfsSinkConnector extends SinkConnector {
    /** The release whose behaviour is followed, and whose connector this really is. */
    static final String VERSION = "10.2.4-Topicmark";
    static final String TASK_ID = "task.id";
    private static final int MOST_TASKS = 100;

    private Map<String, String> settings;

    @Override
    public String version() {
        return VERSION;
    }

    @Override
    public ConfigDef config() {
        return SinkKeys.definition();
    }

    /** As Kafka's own, and an error with one constant phrase for what only Confluent's connector can do. */
    @Override
    public Config validate(Map<String, String> given) {
        Map<String, String> refused = Unsupported.among(given);
        Map<String, String> rest = new HashMap<>(given);
        rest.keySet().removeAll(refused.keySet());
        Config result = super.validate(rest);
        for (ConfigValue value : result.configValues()) {
            if (refused.containsKey(value.name())) {
                value.value(null);
                value.addErrorMessage(refused.get(value.name()));
            }
        }
        return result;
    }

    @Override
    public void start(Map<String, String> given) {
        try {
            settings = new HashMap<>(given);
            new HdfsSinkConnectorConfig(given);
        } catch (ConfigException reason) {
            throw new ConnectException("Couldn't start HdfsSinkConnector due to configuration error", reason);
        }
    }

    @Override
    public Class<? extends Task> taskClass() {
        return HdfsSinkTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        if (maxTasks > MOST_TASKS) {
            throw new ConnectException(maxTasks + " tasks: the worker of a lab has memory for " + MOST_TASKS + ".");
        }
        List<Map<String, String>> configs = new ArrayList<>();
        for (int task = 0; task < maxTasks; task++) {
            Map<String, String> config = new HashMap<>(settings);
            config.put(TASK_ID, Integer.toString(task));
            configs.add(config);
        }
        return configs;
    }

    @Override
    public void stop() {
        // the tasks hold all there is to close
    }
}
