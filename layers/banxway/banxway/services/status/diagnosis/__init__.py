"""The guide's troubleshooting chapter as a program: what is wrong, what shows it, and how to repair it.

runner.py        Diagnosis: rows first, then every question at once, then conclusions
catalogue/       every cause as plain text: symptom, cause, fix
causes.py        Cause, Found, Probe
explanations.py  the cause of an error of Exotel's, by its reason
mail_causes.py   the cause of a failed mail login, by its reason
conclusions.py   one entry per root cause
threads.py       questions in parallel, within a deadline

encryption.py · exotel.py · mail.py · polling.py · webhooks.py · sending.py · queues.py · clocks.py ·
organization.py  what each area looks at
"""
