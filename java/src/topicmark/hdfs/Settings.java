package topicmark.hdfs;

import java.nio.file.Path;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;

/**
 * What the nodes are configured with. Where a client can notice a setting it is Hadoop's default or the course's
 * (port 9000, three replicas, no permissions); the rest is chosen for a small machine, a quick start and a short
 * notice of what has gone.
 */
final class Settings {
    private Settings() {
    }

    /** For the namenode, which listens where its name {@code namenode} resolves to. */
    static Configuration namenode(String address, Path data) {
        Configuration settings = common();
        settings.set("dfs.namenode.rpc-address", "namenode:9000");
        settings.set("dfs.namenode.http-address", address + ":9870");
        settings.set("dfs.namenode.name.dir", data.resolve("namenode").toUri().toString());
        // out of safe mode as soon as every block is reported, which an empty file system's are
        settings.set("dfs.namenode.safemode.extension", "0");
        settings.set("dfs.namenode.safemode.min.datanodes", "0");
        // the lab watches the disk itself; the namenode would go into safe mode without a word
        settings.set("dfs.namenode.resource.du.reserved", "0");
        settings.set("dfs.namenode.datanode.registration.ip-hostname-check", "false");
        // a datanode is dead after 2 * 500 ms + 10 heartbeats of 1 s
        settings.set("dfs.heartbeat.interval", "1");
        settings.set("dfs.namenode.heartbeat.recheck-interval", "500");
        settings.set("dfs.namenode.redundancy.interval.seconds", "1s");
        // a copy to a datanode that came back with an old replica fails the first time
        settings.set("dfs.namenode.reconstruction.pending.timeout-sec", "2");
        settings.set("dfs.namenode.lease-recheck-interval-ms", "200");
        settings.set("dfs.namenode.redundancy.considerLoad", "false");
        settings.set("dfs.namenode.handler.count", "4");
        settings.set("dfs.namenode.top.enabled", "false");
        settings.set("dfs.namenode.metrics.logger.period.seconds", "0");
        settings.set("dfs.namenode.lazypersist.file.scrub.interval.sec", "0");
        return settings;
    }

    /** For a datanode. Its host name is its address, so that a redirect to it needs no names. */
    static Configuration datanode(String name, String address, Path data) {
        Configuration settings = common();
        settings.set("dfs.datanode.hostname", address);
        settings.set("dfs.datanode.address", address + ":9866");
        settings.set("dfs.datanode.http.address", address + ":9864");
        settings.set("dfs.datanode.ipc.address", address + ":9867");
        settings.set("dfs.datanode.data.dir", data.resolve(name).toUri().toString());
        settings.set(SourceBound.ADDRESS, address);
        settings.set("hadoop.rpc.socket.factory.class.default", SourceBound.class.getName());
        // datanodes start with the namenode and try again until it listens
        settings.set("ipc.client.connect.max.retries", "1500");
        settings.set("ipc.client.connect.retry.interval", "20");
        settings.set("dfs.heartbeat.interval", "200ms");
        settings.set("dfs.blockreport.initialDelay", "0");
        settings.set("dfs.datanode.handler.count", "2");
        settings.set("dfs.datanode.scan.period.hours", "-1");
        settings.set("dfs.datanode.directoryscan.interval", "-1");
        settings.set("dfs.datanode.metrics.logger.period.seconds", "0");
        settings.set("dfs.datanode.du.reserved", "0");
        // the default forks du for every folder
        settings.set("fs.getspaceused.classname", "org.apache.hadoop.fs.DFCachingGetSpaceUsed");
        // for WebHDFS this datanode is a client: it writes on with two of three, and finds a namenode that was away
        settings.set("dfs.client.block.write.replace-datanode-on-failure.policy", "NEVER");
        settings.set("dfs.client.retry.policy.enabled", "true");
        settings.set("dfs.client.retry.policy.spec", "100,50");
        return settings;
    }

    private static Configuration common() {
        Configuration settings = new HdfsConfiguration();
        settings.set("fs.defaultFS", "hdfs://namenode:9000");
        settings.set("dfs.replication", "3");
        settings.set("dfs.permissions.enabled", "false");
        settings.set("hadoop.http.max.threads", "8");
        settings.set("hadoop.http.acceptor.count", "1");
        settings.set("hadoop.http.selector.count", "1");
        // the default forks a shell for every user
        settings.set("hadoop.security.group.mapping", "org.apache.hadoop.security.NullGroupsMapping");
        settings.set("hadoop.user.group.static.mapping.overrides", "");
        return settings;
    }
}
