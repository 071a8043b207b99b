# Exercise 7. Run next to sink-config.json, with kafka-connect forwarded to port 8083.
$name = "ps-sink"

Write-Host "Creating the connector"
curl.exe -s -X PUT http://127.0.0.1:8083/connectors/ps-sink/config `
    -H "Content-Type: application/json" `
    --data-binary "@sink-config.json"

Start-Sleep -Seconds 5
curl.exe -s http://127.0.0.1:8083/connectors/ps-sink/status
