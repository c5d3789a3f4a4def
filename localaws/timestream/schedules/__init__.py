# SPDX-License-Identifier: MIT
"""Scheduled queries: run when they are due, their results stored in another table.

expressions    when one is due                  target           from a result to records
runs           one run                          error_report     what couldn't be stored
notifications  what SNS is told                 scheduled_queries  all of an account and region
"""
