"""Side effects that follow from rows: captures, refunds, cancellations, each a job of procrastinate's queue.

A job is enqueued in the transaction that wrote its rows, may run any number of times, and asks the provider before it acts
again. Jobs of one payment take turns (their lock is the payment).
"""
