#!/bin/sh
cat > /tmp/typed
