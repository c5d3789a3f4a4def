-- How have the last four hours been at each location, on average?
SELECT
    location,
    bin(time, 1h) AS hour,
    measure_name,
    avg(measure_value::double) AS average
FROM "${database}"."${table}"
WHERE time > ago(4h)
GROUP BY location, bin(time, 1h), measure_name
ORDER BY location, hour DESC, measure_name
