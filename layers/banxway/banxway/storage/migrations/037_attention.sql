-- A state that people see is a change when an admin, a worker or a timer turns it. Triggers record
-- these changes, so that no statement can forget to.
SET lock_timeout = '5s';

-- Records one change of the kind in the trigger's argument, once in a transaction. It runs at the commit, after all else:
-- it locks the organization's sequence, which every transaction locks last.
CREATE FUNCTION record_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := TG_ARGV[0];
    recorded text := coalesce(current_setting('app.recorded_turns', true), '');
    organization uuid;
    next bigint;
BEGIN
    IF recorded LIKE '%' || kind || ';%' THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('app.recorded_turns', recorded || kind || ';', true);
    organization := CASE TG_OP WHEN 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
    INSERT INTO change_sequences (organization_id, current) VALUES (organization, 1)
    ON CONFLICT (organization_id) DO UPDATE SET current = change_sequences.current + 1
    RETURNING current INTO next;
    INSERT INTO changes (organization_id, sequence, kind) VALUES (organization, next, kind);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER integrations_come_and_go AFTER INSERT OR DELETE ON integration_credentials
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_turn('integration.updated');
CREATE CONSTRAINT TRIGGER integrations_turn AFTER UPDATE ON integration_credentials
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.is_verified, OLD.is_active, OLD.last_verified_at, OLD.updated_at)
          IS DISTINCT FROM (NEW.is_verified, NEW.is_active, NEW.last_verified_at, NEW.updated_at))
    EXECUTE FUNCTION record_turn('integration.updated');
CREATE CONSTRAINT TRIGGER integration_settings_turn AFTER UPDATE ON integration_settings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.settings, OLD.doubt, OLD.doubt_reason, OLD.callback_generation, OLD.credentials_expire_on)
          IS DISTINCT FROM
          (NEW.settings, NEW.doubt, NEW.doubt_reason, NEW.callback_generation, NEW.credentials_expire_on))
    EXECUTE FUNCTION record_turn('integration.updated');

-- Not every poll: only what a person would act upon. What an admin changes has another updated_at.
CREATE CONSTRAINT TRIGGER mailboxes_come_and_go AFTER INSERT OR DELETE ON email_accounts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_turn('mailbox.updated');
CREATE CONSTRAINT TRIGGER mailboxes_turn AFTER UPDATE ON email_accounts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.is_verified, OLD.is_default, OLD.state, OLD.last_poll_error, OLD.sending_stopped_at, OLD.updated_at)
          IS DISTINCT FROM
          (NEW.is_verified, NEW.is_default, NEW.state, NEW.last_poll_error, NEW.sending_stopped_at, NEW.updated_at)
          -- The first poll ends the wait for it.
          OR OLD.last_polled_at IS NULL AND NEW.last_polled_at IS NOT NULL)
    EXECUTE FUNCTION record_turn('mailbox.updated');

CREATE CONSTRAINT TRIGGER phone_numbers_come_and_go AFTER INSERT OR DELETE ON organization_phone_numbers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_turn('phone_number.updated');
-- A sync writes every number again; most are as they were.
CREATE CONSTRAINT TRIGGER phone_numbers_turn AFTER UPDATE ON organization_phone_numbers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.is_active, OLD.is_primary, OLD.display_name, OLD.assigned_to_user_id, OLD.number_type, OLD.can_call,
           OLD.can_sms, OLD.integration_id)
          IS DISTINCT FROM
          (NEW.is_active, NEW.is_primary, NEW.display_name, NEW.assigned_to_user_id, NEW.number_type, NEW.can_call,
           NEW.can_sms, NEW.integration_id))
    EXECUTE FUNCTION record_turn('phone_number.updated');

CREATE CONSTRAINT TRIGGER whatsapp_templates_come_and_go AFTER INSERT OR DELETE ON whatsapp_templates
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_turn('whatsapp_template.updated');
CREATE CONSTRAINT TRIGGER whatsapp_templates_turn AFTER UPDATE ON whatsapp_templates
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.status, OLD.category, OLD.body, OLD.not_usable) IS DISTINCT FROM
          (NEW.status, NEW.category, NEW.body, NEW.not_usable))
    EXECUTE FUNCTION record_turn('whatsapp_template.updated');

CREATE CONSTRAINT TRIGGER rotations_begin AFTER INSERT ON key_rotations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_turn('rotation.updated');
CREATE CONSTRAINT TRIGGER rotations_move AFTER UPDATE ON key_rotations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.started_at, OLD.finished_at, OLD.stage, OLD.rewrapped, OLD.unreadable, OLD.last_error) IS DISTINCT FROM
          (NEW.started_at, NEW.finished_at, NEW.stage, NEW.rewrapped, NEW.unreadable, NEW.last_error))
    EXECUTE FUNCTION record_turn('rotation.updated');

-- How a rotation stands in each table and in the blobs:
-- {"email_accounts": {"total": 3, "rewrapped": 2, "unreadable": 1}}.
ALTER TABLE key_rotations ADD COLUMN counts jsonb NOT NULL DEFAULT '{}';

-- The newest message that left on each channel, for the cards of the settings.
CREATE INDEX messages_last_outbound ON messages (organization_id, channel, occurred_at DESC)
    WHERE direction = 'outbound' AND status IN ('accepted', 'sent', 'delivered', 'read');
