package io.confluent.connect.hdfs.storage;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.DistributedFileSystem;

/** The few things a task does in HDFS, through a client of its own: leases belong to clients. Paths are full URLs. */
public final class HdfsStorage implements Closeable {
    private final FileSystem files;

    /** Makes no connection yet. Raises IOException or IllegalArgumentException for a URL that can never work. */
    public HdfsStorage(Configuration hadoop, String url) throws IOException {
        files = FileSystem.newInstance(URI.create(url), hadoop);
    }

    public boolean exists(String path) throws IOException {
        return files.exists(new Path(path));
    }

    public void makeFolder(String path) throws IOException {
        if (!files.mkdirs(new Path(path))) {
            throw new IOException("cannot make " + path);
        }
    }

    /** Fails if the file is there. */
    public FSDataOutputStream create(String path, boolean overwrite) throws IOException {
        return files.create(new Path(path), overwrite);
    }

    public FSDataOutputStream append(String path) throws IOException {
        return files.append(new Path(path));
    }

    public FSDataInputStream open(String path) throws IOException {
        return files.open(new Path(path));
    }

    /** False if the target is there or the source is not. */
    public boolean rename(String from, String to) throws IOException {
        return files.rename(new Path(from), new Path(to));
    }

    public void delete(String path) throws IOException {
        files.delete(new Path(path), false);
    }

    /** Names of the files right in the folder; none if there is no such folder. */
    public List<String> list(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        try {
            RemoteIterator<?> found = files.listStatusIterator(new Path(folder));
            while (found.hasNext()) {
                names.add(((org.apache.hadoop.fs.FileStatus) found.next()).getPath().getName());
            }
        } catch (FileNotFoundException nothingYet) {
            return List.of();
        }
        return names;
    }

    /** Takes the file from whoever writes it, dead or alive; done some seconds later, when DataNodes agree on its end. */
    public void recoverLease(String path) throws IOException {
        if (files instanceof DistributedFileSystem hdfs) {
            hdfs.recoverLease(new Path(path));
        }
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
