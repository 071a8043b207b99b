package topicmark.hdfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;
import org.apache.hadoop.hdfs.server.blockmanagement.DatanodeDescriptor;
import org.apache.hadoop.hdfs.server.namenode.FSNamesystem;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.hdfs.server.protocol.NamenodeProtocols;
import org.apache.hadoop.util.ExitUtil;

/** The namenode and what the lab asks of it beside its own protocols. */
final class NameNodeSeat extends Node {
    private final String address;
    private final Path data;
    private volatile NameNode server;

    NameNodeSeat(String address, Path data) {
        super("namenode");
        this.address = address;
        this.data = data;
    }

    /** Whether the namenode counts the datanode at this address among the living and knows its space. */
    boolean countsOn(String datanode) {
        DatanodeDescriptor known = descriptor(datanode);
        return known != null && known.isAlive() && known.isHeartbeatedSinceRegistration() && known.getRemaining() > 0;
    }

    /** Lets the namenode find out now what it would notice after eleven seconds: nobody is sent there any more. */
    void forget(String datanode) throws Exception {
        DatanodeDescriptor known = descriptor(datanode);
        if (known != null) {
            known.setLastUpdateMonotonic(0);
            server.getNamesystem().getBlockManager().getDatanodeManager().removeDatanode(known);
        }
    }

    /** Whether the file system can be written. */
    boolean isInSafeMode() {
        NameNode running = server;
        return running == null || running.isInSafeMode();
    }

    /** Deletes everything, also what is being written, and restores what may have been set on the root. */
    void empty() throws Exception {
        NamenodeProtocols files = server.getRpcServer();
        files.setSafeMode(HdfsConstants.SafeModeAction.SAFEMODE_LEAVE, false);
        for (HdfsFileStatus[] some = list(files); some.length > 0; some = list(files)) {
            for (HdfsFileStatus entry : some) {
                if (!files.delete("/" + entry.getLocalName(), true)) {
                    throw new IllegalStateException("/" + entry.getLocalName() + " cannot be deleted");
                }
            }
        }
        files.setPermission("/", new FsPermission((short) 0755));
        files.setQuota("/", HdfsConstants.QUOTA_RESET, HdfsConstants.QUOTA_RESET, null);
        long open = server.getNamesystem().getNumFilesUnderConstruction();
        if (open > 0) {
            throw new IllegalStateException(open + " open files are left");
        }
    }

    /** The first entries of the root; a listing may be cut. */
    private static HdfsFileStatus[] list(NamenodeProtocols files) throws IOException {
        return files.getListing("/", HdfsFileStatus.EMPTY_NAME, false).getPartialListing();
    }

    @Override
    protected void open() throws Exception {
        Configuration settings = Settings.namenode(address, data);
        if (!Files.exists(data.resolve("namenode/current/VERSION"))) {
            NameNode.format(settings);
        }
        server = new NameNode(settings);
        server.getNamesystem().getBlockManager().setBlockRecoveryTimeout(2000);
    }

    @Override
    protected void close() {
        NameNode old = server;
        server = null;
        if (old != null) {
            old.stop();
            old.join();
        }
    }

    @Override
    protected String fault() {
        return ExitUtil.terminateCalled() ? String.valueOf(ExitUtil.getFirstExitException()) : null;
    }

    private DatanodeDescriptor descriptor(String datanode) {
        NameNode running = server;
        FSNamesystem files = running == null ? null : running.getNamesystem();
        return files == null ? null
            : files.getBlockManager().getDatanodeManager().getDatanodeByXferAddr(datanode, 9866);
    }
}
