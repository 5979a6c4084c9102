-- Each member's preferences for the console. Unknown and missing ones have the product's default.

SET lock_timeout = '5s';

ALTER TABLE users ADD COLUMN preferences jsonb NOT NULL DEFAULT '{}';
