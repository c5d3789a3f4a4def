-- What were the last full hours like, by the roll-up?
SELECT
    location,
    time AS hour,
    measure_name,
    sum(mean * readings) / sum(readings) AS mean,
    min(minimum) AS least,
    max(maximum) AS most,
    sum(readings) AS readings
FROM "${database}"."${table}"
WHERE time > ago(${window})
GROUP BY location, time, measure_name
ORDER BY hour DESC, location, measure_name
