"""The guide's troubleshooting chapter as a program: what is wrong, what shows it, and how to repair it.

runner.py        Diagnosis: reads rows, then asks every question at once, then concludes
catalogue/       every cause as plain text: symptom, cause, fix
causes.py        Cause, Found, Probe
explanations.py  the cause of an error of Exotel's, by its reason
mail/            logins, the cause of a failed login by its reason, late polls
conclusions.py   one entry per root cause
groups.py        the groups in which people read findings and checks
probes.py        questions in parallel, within a deadline

encryption.py · exotel.py · webhooks.py · sending.py · queues.py · clocks.py · organization.py
                 what is examined, one subject each
"""
