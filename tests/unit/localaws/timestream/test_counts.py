# SPDX-License-Identifier: MIT
from localaws.timestream.counts import Counts


def test_what_was_counted_since_the_last_time() -> None:
    counts = Counts()
    for value, operation in ((2, "BatchLoad"), (3, "BatchLoad"), (4, "WriteRecords")):
        counts.add("NumberOfRecords", value, "Count", {"Operation": operation})
    assert counts.take() == [
        ("NumberOfRecords", 5, "Count", {"Operation": "BatchLoad"}),
        ("NumberOfRecords", 4, "Count", {"Operation": "WriteRecords"}),
    ]
    assert counts.take() == []
