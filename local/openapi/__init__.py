"""Generates openapi.json from the functions and their models (docs/decisions/006).

document.py   the whole document
parts.py      what is in it besides routes and models
schemas.py    models as JSON schemas
rules.py      what validators require beyond types
refusals.py   the errors that each route answers
examples.py · values.py   whole examples, and the values that they are made of
operations_values.py     those of status, diagnosis, audit trail and rotation
texts.py · written.py     what handlers say in their source
"""
