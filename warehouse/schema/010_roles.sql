-- Who may do what. Roles belong to the whole server, grants to this database; running it again changes nothing.
-- Trust boundary: a superuser and the owner role stand above every rule below; no one logs in as the owner.
do $$
declare
    wanted text;
begin
    foreach wanted in array array[
        'motcua_owner', 'motcua_loader', 'motcua_transformer', 'motcua_checker', 'motcua_publisher',
        'motcua_inspector', 'motcua_bi', 'motcua_bi_unit'
    ] loop
        if not exists (select 1 from pg_catalog.pg_roles where rolname = wanted) then
            execute format('create role %I nologin', wanted);
        end if;
        if not pg_catalog.pg_has_role(current_user, wanted, 'usage') then
            execute format('grant %I to current_user', wanted);
        end if;
    end loop;
    -- The owner publishes from tables the transformer made, and must be able to lock them.
    if not pg_catalog.pg_has_role('motcua_owner', 'motcua_transformer', 'usage') then
        grant motcua_transformer to motcua_owner;
    end if;
    execute format('grant create, connect, temporary on database %I to motcua_owner', current_database());
    execute format('revoke all on database %I from public', current_database());
    execute format(
        'grant connect on database %I to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, '
        'motcua_inspector, motcua_bi, motcua_bi_unit',
        current_database()
    );
    execute format('grant temporary on database %I to motcua_loader, motcua_transformer, motcua_checker', current_database());
    revoke all on schema public from public;
    -- What a report that ran wild may take. Settings and limits are of the login and not of the groups it is in: logins of
    -- their own that are given to analysts need the same (docs/runbooks/database.md).
    foreach wanted in array array['motcua_bi', 'motcua_inspector'] loop
        if exists (
            select from pg_catalog.pg_roles
            where rolname = wanted and rolconnlimit = -1
            and (current_setting('server_version_num')::int < 160000 or pg_has_role(oid, 'member with admin option'))
        ) then
            execute format('alter role %I connection limit 20', wanted);
            execute format('alter role %I set statement_timeout = ''2min''', wanted);
            execute format('alter role %I set idle_in_transaction_session_timeout = ''10min''', wanted);
        end if;
    end loop;
end
$$;
