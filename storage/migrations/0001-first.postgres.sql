
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER history_is_kept BEFORE UPDATE ON history
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
