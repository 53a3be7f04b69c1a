"""Times as counts in buckets, which can be added up; percentiles within 5 %. Pure."""

import math
from collections.abc import Mapping

LEAST_SECONDS = 1e-5
"""What is quicker counts as this: a text that was typed through takes longer."""
MOST_SECONDS = 3600.0
MOST_BUCKET = 207
RATIO = 1.1
"""Of a bucket's bounds: its middle is at most √1.1 - 1 = 4.9 % away from whatever is in it."""


def bucket_of(seconds: float) -> int:
    """The bucket of a time, counted from 1; there are `MOST_BUCKET` at most."""
    held = min(max(LEAST_SECONDS, seconds), MOST_SECONDS)  # in this order NaN is the least
    return math.floor(math.log(held / LEAST_SECONDS, RATIO)) + 1


def middle_of(bucket: int) -> float:
    """The geometric middle of a bucket, in seconds."""
    held = min(bucket, MOST_BUCKET)  # a damaged file may have others
    return LEAST_SECONDS * math.pow(RATIO, held - 0.5)


def percentile(counts: Mapping[int, int], share: float) -> float:
    """The smallest time that this share of all times does not exceed; 0 where there are none."""
    left = math.ceil(sum(counts.values()) * share)
    for bucket in sorted(counts):
        left -= counts[bucket]
        if left <= 0:
            return middle_of(bucket)
    return 0.0
