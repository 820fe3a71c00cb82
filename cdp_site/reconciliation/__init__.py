"""The balance of the pipeline, by ids: what was accepted is applied, put aside for a reason, or on its way.

The order of a reconciliation makes it sound while events flow: first one snapshot of the database says what is
applied and how far consumers have read; then the log is read, which holds at least what that snapshot was made
from; then both are compared. See docs/adr/0065-reconciling-while-events-flow.md.
"""
