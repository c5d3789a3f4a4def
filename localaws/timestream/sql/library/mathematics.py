# SPDX-License-Identifier: MIT
"""Mathematical and bitwise functions.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/mathematical-functions.html,
.../bitwise-functions.html
"""

from __future__ import annotations

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

MACROS = rf"""
abs(x integer) = abs(x)
abs(x bigint) = abs(x)
abs(x double) = abs(x)
acos(x double) = acos(x)
asin(x double) = asin(x)
atan(x double) = atan(x)
atan2(y double, x double) = atan2(y, x)
bit_count(x bigint, bits bigint) = CASE
    WHEN bits NOT BETWEEN 2 AND 64
    THEN timestream._fail('Bits specified in bit_count must be between 2 and 64, got ' || bits)
    WHEN x NOT BETWEEN -CAST(power(2, bits - 1) AS HUGEINT) AND CAST(power(2, bits - 1) AS HUGEINT) - 1
    THEN timestream._fail('Number must be representable with the bits specified. ' || x
    || ' can not be represented with ' || bits || ' bits')
    WHEN x < 0 THEN bit_count(x) - (64 - bits) ELSE CAST(bit_count(x) AS BIGINT) END
bitwise_and(a bigint, b bigint) = a & b
bitwise_not(a bigint) = ~a
bitwise_or(a bigint, b bigint) = a | b
bitwise_xor(a bigint, b bigint) = xor(a, b)
_nearer(root, x) = root - (root * root * root - x) / (3 * root * root)
cbrt(x double) = CASE WHEN isfinite(x) AND x <> 0 THEN timestream._nearer(cbrt(x), x) ELSE x END
ceil(x integer) = x
ceil(x bigint) = x
ceil(x double) = ceil(x)
ceiling(x integer) = x
ceiling(x bigint) = x
ceiling(x double) = ceil(x)
cos(x double) = cos(x)
cosh(x double) = cosh(x)
degrees(x double) = degrees(x)
e() = exp(1e0)
exp(x double) = exp(x)
floor(x integer) = x
floor(x bigint) = x
floor(x double) = floor(x)
_radix(n) = CASE WHEN n BETWEEN 2 AND 36 THEN CAST(n AS INTEGER)
    ELSE CAST(timestream._fail('Radix must be between 2 and 36') AS INTEGER) END
_values(digits) = list_transform(string_split(lower(digits), ''), lambda d: strpos('{_DIGITS}', d) - 1)
_number(values, radix) = list_reduce(list_transform(values, lambda v: CAST(v AS HUGEINT)),
    lambda whole, v: whole * radix + v)
_signed(s, radix) = CAST(CASE WHEN starts_with(s, '-') THEN -1 ELSE 1 END
    * timestream._number(timestream._values(ltrim(s, '+-')), radix) AS BIGINT)
from_base(s varchar, radix bigint) = CASE
    WHEN regexp_full_match(s, '[+-]?[0-9a-zA-Z]{{1,64}}')
    AND list_max(timestream._values(ltrim(s, '+-'))) < timestream._radix(radix)
    THEN timestream._signed(s, radix)
    ELSE timestream._fail('Not a valid base-' || radix || ' number: ' || s) END
infinity() = CAST('Infinity' AS DOUBLE)
is_finite(x double) = isfinite(x)
is_infinite(x double) = isinf(x)
is_nan(x double) = isnan(x)
ln(x double) = ln(x)
log(base double, x double) = ln(x) / ln(base)
log10(x double) = log10(x)
log2(x double) = log2(x)
mod(a integer, b integer) = timestream._modulus(a, b)
mod(a bigint, b bigint) = timestream._modulus_1(a, b)
mod(a double, b double) = a % b
nan() = CAST('NaN' AS DOUBLE)
pi() = pi()
pow(x double, p double) = pow(x, p)
power(x double, p double) = pow(x, p)
radians(x double) = radians(x)
_below(n) = CASE WHEN n > 0 THEN CAST(floor(random() * n) AS BIGINT)
    ELSE timestream._fail('bound must be positive') END
_from(m, n) = CASE WHEN m < n THEN m + CAST(floor(random() * (n - m)) AS BIGINT)
    ELSE timestream._fail('start value must be less than stop value') END
rand() = random()
rand(n integer) = CAST(timestream._below(n) AS INTEGER)
rand(n bigint) = timestream._below(n)
random() = random()
random(n integer) = CAST(timestream._below(n) AS INTEGER)
random(n bigint) = timestream._below(n)
random(m integer, n integer) = CAST(timestream._from(m, n) AS INTEGER)
random(m bigint, n bigint) = timestream._from(m, n)
_rounded(x, factor) = CASE WHEN isfinite(x * factor) THEN round(x * factor) / factor ELSE x END
_whole(x, digits) = CAST(CASE WHEN digits >= 0 THEN x WHEN digits < -18 THEN 0
    ELSE round(CAST(x AS DECIMAL(38, 0)), CAST(digits AS INTEGER)) END AS BIGINT)
round(x integer) = x
round(x bigint) = x
round(x double) = round(x)
round(x integer, digits bigint) = CAST(timestream._whole(x, digits) AS INTEGER)
round(x bigint, digits bigint) = timestream._whole(x, digits)
round(x double, digits bigint) = timestream._rounded(x, pow(10e0, digits))
sign(x integer) = CAST(sign(x) AS INTEGER)
sign(x bigint) = CAST(sign(x) AS BIGINT)
sign(x double) = CASE WHEN isnan(x) THEN x ELSE CAST(sign(x) AS DOUBLE) END
sin(x double) = sin(x)
sqrt(x double) = sqrt(x)
tan(x double) = tan(x)
tanh(x double) = tanh(x)
_digit(x, radix) = lower(to_base(x, radix))
_based(x, radix) = CASE WHEN x >= 0 THEN timestream._digit(x, radix)
    ELSE '-' || CASE WHEN x // radix < 0 THEN timestream._digit(-(x // radix), radix) ELSE '' END
    || timestream._digit(-(x % radix), radix) END
to_base(x bigint, radix bigint) = timestream._based(x, timestream._radix(radix))
truncate(x double) = trunc(x)
"""

"""`_nearer`: one step of Newton's, since the engine makes 3.0000000000000004 of 27. `to_base` takes the last
digit apart where the number is negative: the least bigint has no positive counterpart."""
