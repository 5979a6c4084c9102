"""Turns stored bytes into messages, in this order: reader, sorting, row, transaction, bounces, automation.

`filer` runs the steps. A mail is parsed before the transaction begins and filed in it; automation comes last.
"""
