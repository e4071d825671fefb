
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER history_is_kept BEFORE UPDATE ON history
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Compressing costs more time than all the rest of accepting a mail.
ALTER TABLE originals ALTER COLUMN content SET STORAGE EXTERNAL;
