package topicmark.hdfs;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

import org.apache.hadoop.conf.Configurable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.net.StandardSocketFactory;

/**
 * Sockets that leave from a datanode's own address.
 *
 * A namenode takes a datanode to live where its connection comes from, and on the loopback device that is 127.0.0.1
 * whatever address the datanode listens on.
 */
public final class SourceBound extends StandardSocketFactory implements Configurable {
    static final String ADDRESS = "topicmark.source.address";

    private Configuration settings;
    private String address = "";

    @Override
    public Socket createSocket() throws IOException {
        Socket socket = super.createSocket();
        socket.bind(new InetSocketAddress(address, 0));
        return socket;
    }

    @Override
    public void setConf(Configuration settings) {
        this.settings = settings;
        address = settings.get(ADDRESS);
    }

    @Override
    public Configuration getConf() {
        return settings;
    }

    /** Hadoop shares connections between equal factories. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SourceBound theirs && theirs.address.equals(address);
    }

    @Override
    public int hashCode() {
        return address.hashCode();
    }
}
