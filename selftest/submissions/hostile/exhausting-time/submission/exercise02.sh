trap '' INT TERM HUP QUIT TSTP
while :; do sleep 1000; done
