#!/bin/sh
printf pwd1234 > password
chmod 400 password
sqoop import --options-file import.txt --table employees \
  --columns "salary,department,name,id" --optionally-enclosed-by '"' --fields-terminated-by ';'
