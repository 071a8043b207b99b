flume-ng agent --conf conf --conf-file flume.conf --name agent -Dflume.root.logger=INFO,console
