"""The setup guide's SQL: its verification and troubleshooting queries, and how many rows each returns."""

QUERIES = {
    "Step 1: tables": """-- Check tables exist
SELECT table_name
FROM information_schema.tables
WHERE table_schema = 'public'
AND table_name IN (
  'integration_credentials',
  'user_integration_permissions',
  'integration_audit_logs',
  'organization_phone_numbers'
);""",
    "Issue 1: migration": "SELECT * FROM schema_migrations WHERE migration_name = '006_integrations.sql';",
    "Issue 1: tables": """-- Check tables exist
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public'
AND table_name IN ('integration_credentials', 'organization_phone_numbers');""",
    "Issue 2: audit": """-- Check audit logs for detailed errors
SELECT
  action,
  status,
  details,
  created_at
FROM integration_audit_logs
WHERE integration_type = 'exotel_phone'
ORDER BY created_at DESC
LIMIT 10;""",
    "Issue 6: integration": """SELECT
  id,
  integration_type,
  is_active,
  is_verified,
  last_verified_at
FROM integration_credentials
WHERE integration_type = 'exotel_phone';""",
    "Issue 6: numbers": """SELECT
  phone_number,
  display_name,
  number_type,
  is_active
FROM organization_phone_numbers
WHERE is_active = true;""",
    "Issue 7: role": "SELECT id, email, role FROM users WHERE id = 'your-user-id';",
    "Issue 7: fix": "UPDATE users SET role = 'admin' WHERE id = 'your-user-id';",
    "Issue 10: audit": """SELECT
  action,
  status,
  details->'error' as error,
  created_at
FROM integration_audit_logs
WHERE integration_type = 'exotel_phone'
AND status = 'failed'
ORDER BY created_at DESC
LIMIT 20;""",
    "Help: audit as a file": "SELECT * FROM integration_audit_logs ORDER BY created_at DESC LIMIT 50;",
    "Help: integrations": "-- Check all integrations\nSELECT * FROM integration_credentials;",
    "Help: numbers": "-- Check phone numbers\nSELECT * FROM organization_phone_numbers;",
    "Help: permissions": "-- Check user permissions\nSELECT * FROM user_integration_permissions;",
}
"""The guide's SQL as it is written there, without pgcrypto, which is not used. `your-user-id` is a user's id."""

ROWS = {"Step 1: tables": 4, "Issue 1: tables": 2}
"""How many rows the guide promises; one where it does not say."""
