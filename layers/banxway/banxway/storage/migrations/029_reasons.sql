-- Why a poll or a folder failed, as one of the words in reasons.py; NULL where the cause has no word.

SET lock_timeout = '5s';
ALTER TABLE email_accounts ADD COLUMN last_poll_reason text;
ALTER TABLE email_folders ADD COLUMN trouble_reason text;
