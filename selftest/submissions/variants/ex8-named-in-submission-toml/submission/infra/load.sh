sqoop import --connect "jdbc:postgresql://postgresql/$DB" --username root --password pwd1234 --table employees --map-column-java salary=Double --null-string "" -- --schema public
