"""Turns stored bytes into messages, in this order: reader, sorting, row, transaction, bounces, automation.

`filer` runs the steps. A mail is read before the transaction begins and filed within it; automation comes last.
"""
