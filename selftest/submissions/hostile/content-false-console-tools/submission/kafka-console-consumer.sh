#!/bin/sh
exec tail -f -n +1 /tmp/typed
