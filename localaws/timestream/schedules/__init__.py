# SPDX-License-Identifier: MIT
"""Scheduled queries: run when they are due, their results stored in another table.

scheduled_queries  all of an account and region   expressions    when one is due
runs               one run of one                 notifications  what SNS is told
target             from a result to records       error_report   what of it can't be stored
ingestion          their storing
"""
