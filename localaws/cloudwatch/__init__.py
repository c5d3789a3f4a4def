# SPDX-License-Identifier: MIT
"""CloudWatch: metrics, alarms that are evaluated as CloudWatch does, dashboards. No HTTP framework in here.

service         one account's CloudWatch in a region, by the names of its operations
wire            from HTTP to the service and back, in the three protocols that clients speak
stacks          what CloudFormation makes of it

metrics         the store of metrics            data            the operations on it
statistics      of a period's values            queries         metrics and expressions of one request
mathematics     metric math: its grammar        functions       its functions
series          its values and operators

evaluation      the state that datapoints call for
watch           when alarms are evaluated       reasons         why they are in their states, in AWS's words
states          what follows from a change      rules           the rules of composite alarms
notices         what topics are told            history         what became of alarms
alarms          the alarms as documents         configuration   makes, changes and deletes them
dashboards      dashboards                      tags            the tags of both

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
"""
