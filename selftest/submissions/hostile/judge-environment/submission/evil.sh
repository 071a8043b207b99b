touch /tmp/pwned
echo LOOT the shell of the judge
