-- What a build left, and whether it stands: each write to a table of the transformation strikes the build that left
-- it, so that the next one need not read millions of rows to see that nobody wrote any.
set role motcua_owner;

create table if not exists audit.left_table (
    held oid primary key,
    file oid not null,
    build_id bigint
);
comment on table audit.left_table is
'Tables of the transformation that are not published, as a build left them; release.candidate says it of the others.';
comment on column audit.left_table.file is 'Where its rows lay: a table made over is not as it was left.';
comment on column audit.left_table.build_id is
'The build that left its rows as they are; null once a row was written since.';

create or replace function audit.note_written() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- Whoever looked before the build closed does not see the row, and meets it here all the same: it cannot write unnoticed.
begin
    insert into audit.left_table as noted (held, file, build_id) values (tg_relid, 0, null)
    on conflict (held) do update set build_id = null;
    return null;
end
$$;

create or replace function audit.watch_tables() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- As the transformer, whose tables they are: each tells of its writes from now on.
declare
    unwatched regclass;
begin
    for unwatched in
        select c.oid from pg_class as c
        where
            c.relnamespace = 'intermediate'::regnamespace and c.relkind = 'r'
            and not exists (select from pg_trigger as t where t.tgrelid = c.oid and t.tgname = 'written')
        order by c.relname collate "C"
    loop
        execute format(
            'create trigger written after insert or update or delete or truncate on %s '
            'for each statement execute function audit.note_written()', unwatched
        );
    end loop;
end
$$;

create or replace function audit.tables_left_by(build bigint) returns table (left_table text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
-- By schema and name, the tables that are known to be as a build left them. One that was made over, and one whose
-- trigger the transformer took away for a while or made another of, is not.
    select format('intermediate.%s', c.relname)
    from audit.left_table as noted
    inner join audit.build as made on made.build_id = noted.build_id
    inner join pg_class as c on c.oid = noted.held and c.relfilenode = noted.file
    inner join pg_trigger as t on t.tgrelid = noted.held and t.tgname = 'written'
    where
        noted.build_id = build and c.relnamespace = 'intermediate'::regnamespace
        and t.tgfoid = 'audit.note_written'::regproc and t.tgenabled = 'O' and t.tgtype = 60
        and age(t.xmin) > age(made.ended_in::xid)
    union all
    select format('candidate.%s', held.mart) from release.candidate as held
    where held.left_by = build and release.is_held(held.mart)
$$;

create or replace function audit.leave_tables(build bigint, build_before bigint) returns table (left_before text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- Notes that a build leaves the tables as they are, and gives those that stand as an earlier one left them. Waits for
-- whoever is writing one, and whoever would write one waits until this transaction ends.
begin
    lock table audit.left_table, release.candidate in share row exclusive mode;
    return query select stands.left_table from audit.tables_left_by(build_before) as stands;
    delete from audit.left_table as noted
    where not exists (select from pg_class as c where c.oid = noted.held);
    insert into audit.left_table as noted (held, file, build_id)
    select c.oid, c.relfilenode, build from pg_class as c
    where c.relnamespace = 'intermediate'::regnamespace and c.relkind = 'r'
    on conflict (held) do update set file = excluded.file, build_id = excluded.build_id;
    update release.candidate as held set left_by = build where held.left_by is distinct from build;
end
$$;

do $$
begin
    revoke all on function
    audit.note_written(), audit.watch_tables(), audit.tables_left_by(bigint), audit.leave_tables(bigint, bigint) from public;
    grant execute on function audit.note_written(), audit.watch_tables() to motcua_transformer;
    grant execute on function audit.tables_left_by(bigint), audit.leave_tables(bigint, bigint) to motcua_loader;
    grant select on audit.left_table
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
