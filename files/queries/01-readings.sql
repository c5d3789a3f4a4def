-- How many readings has each device sent, and from when to when?
SELECT
    device_id,
    location,
    count(DISTINCT measure_name) AS measures,
    count(*) AS readings,
    min(time) AS first_reading,
    max(time) AS last_reading
FROM "${database}"."${table}"
WHERE time > ago(${window})
GROUP BY device_id, location
ORDER BY location, device_id
