-- Which readings stand out: more than four standard deviations from their own series' mean?
WITH series AS (
    SELECT
        device_id,
        location,
        measure_name,
        avg(measure_value::double) AS mean,
        stddev(measure_value::double) AS deviation
    FROM "${database}"."${table}"
    WHERE time > ago(${window})
    GROUP BY device_id, location, measure_name
)
SELECT
    r.device_id,
    r.measure_name AS measure,
    r.time,
    r.measure_value::double AS reading,
    s.mean,
    (r.measure_value::double - s.mean) / s.deviation AS deviations
FROM "${database}"."${table}" AS r
INNER JOIN series AS s
    ON r.device_id = s.device_id AND r.location = s.location AND r.measure_name = s.measure_name
WHERE r.time > ago(${window})
    AND s.deviation > 0
    AND abs(r.measure_value::double - s.mean) > 4 * s.deviation
ORDER BY abs(r.measure_value::double - s.mean) / s.deviation DESC
LIMIT 10
