-- Members are invited, a token's subject finds its member, members have a telephone number, organizations a name.
SET lock_timeout = '5s';

ALTER TABLE users
    -- `sub` of the member's session tokens; NULL until an invitation is accepted. One person is one member.
    ADD COLUMN subject text CONSTRAINT users_one_subject UNIQUE,
    ADD COLUMN invited_at timestamptz,
    ADD COLUMN invited_by uuid,
    -- Set while an invitation is open; NULL for everybody who has accepted theirs.
    ADD COLUMN invitation_expires_at timestamptz,
    ADD COLUMN accepted_at timestamptz,
    -- E.164; entered by an admin, or proven by its owner's session token.
    ADD COLUMN phone_number text,
    ADD COLUMN phone_number_source text CHECK (phone_number_source IN ('admin', 'owner')),
    ADD CONSTRAINT users_number_has_a_source CHECK ((phone_number IS NULL) = (phone_number_source IS NULL)),
    ADD CONSTRAINT users_one_number UNIQUE (organization_id, phone_number),
    ADD FOREIGN KEY (organization_id, invited_by) REFERENCES users (organization_id, id);

-- Until now a token's subject was the user's id. A rewrite of the table is not bound by its policies; an UPDATE is.
-- Addresses are in lower case, the form in which they are compared.
ALTER TABLE users ALTER COLUMN subject TYPE text USING id::text, ALTER COLUMN email TYPE text USING lower(email);

ALTER TABLE users
    -- Everybody who is active can sign in, so that the last active admin is never an account that nobody can use.
    ADD CONSTRAINT users_active_with_a_subject CHECK (NOT is_active OR subject IS NOT NULL),
    ADD CONSTRAINT users_invited_without_one CHECK (invitation_expires_at IS NULL OR subject IS NULL);

CREATE INDEX users_invited ON users (email) WHERE invitation_expires_at IS NOT NULL;

GRANT UPDATE (name) ON organizations TO banxway_app;

-- Who signs in is found before their organization is known. These two run as the owner, who sees these rows by a
-- policy of its own, and return ids alone: of one subject, and of one address's open invitations.
CREATE POLICY owner_finds_members ON users FOR SELECT TO CURRENT_USER USING (true);

CREATE FUNCTION find_subject(requested_subject text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$ SELECT id FROM users WHERE subject = requested_subject $$;

CREATE FUNCTION find_invitations(address text)
RETURNS TABLE (user_id uuid, organization_id uuid, is_expired boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.organization_id, u.invitation_expires_at <= now() FROM users u
    WHERE u.invitation_expires_at IS NOT NULL AND u.email = address
$$;

REVOKE EXECUTE ON FUNCTION find_subject(text), find_invitations(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_subject(text), find_invitations(text) TO banxway_app;

-- Starts a request: enters the scope of the subject's user, in one round trip. Returns no row for an unknown subject,
-- and a row that is not active for a member who may no longer sign in; only an active one enters an organization.
CREATE FUNCTION enter_subject_scope(requested_subject text, timeout_ms integer) RETURNS SETOF users
LANGUAGE plpgsql AS $$
DECLARE
    found_id uuid := coalesce(find_subject(requested_subject), '00000000-0000-0000-0000-000000000000');
BEGIN
    RETURN QUERY SELECT * FROM enter_user_scope(found_id, timeout_ms);
    IF NOT FOUND THEN
        RETURN QUERY SELECT * FROM users WHERE id = found_id;
    END IF;
END $$;
