-- Which devices have said nothing for an hour?
SELECT
    device_id,
    location,
    max(time) AS last_reading,
    date_diff('minute', max(time), now()) AS minutes_ago
FROM "${database}"."${table}"
WHERE time > ago(${window})
GROUP BY device_id, location
HAVING max(time) < ago(1h)
ORDER BY last_reading
