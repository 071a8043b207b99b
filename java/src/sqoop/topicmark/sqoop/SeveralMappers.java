package topicmark.sqoop;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapred.LocalJobRunner;
import org.apache.hadoop.mapreduce.protocol.ClientProtocol;
import org.apache.hadoop.mapreduce.protocol.ClientProtocolProvider;

/**
 * Runs jobs in the client's own process, as {@code mapreduce.framework.name=local} does, but with as many map tasks as
 * were asked for: Hadoop's own provider sets their number to one, and then an import never splits its table.
 */
public final class SeveralMappers extends ClientProtocolProvider {
    private static final String NAME = "in-process";

    @Override
    public ClientProtocol create(Configuration conf) throws IOException {
        return NAME.equals(conf.get("mapreduce.framework.name")) ? new LocalJobRunner(conf) : null;
    }

    @Override
    public ClientProtocol create(InetSocketAddress address, Configuration conf) {
        return null; // nobody gives an address of a job tracker
    }

    @Override
    public void close(ClientProtocol protocol) {
        // nothing is held
    }
}
