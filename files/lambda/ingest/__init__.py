# SPDX-License-Identifier: MIT
"""The ingest function: takes sensor messages, checks them and stores them in Timestream.

    event ─ payloads ─> messages ─ readings ─> readings ─ records ─> requests ─ writer ─> Timestream
                                      │                                            │
                                      └────────────> refusals <────────────────────┘ ─> report

A reading is one value of one measure of one series at one time. Every reading that came in is, in the end,
either stored or in the report with its reason.
"""
