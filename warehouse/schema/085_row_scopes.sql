-- What a reader of one unit sees: its rows in marts and those of the units below it. All others read as before: their
-- policy is `true`, which the planner leaves out, so that an unscoped read costs nothing.
-- The owner of marts stands above the policies; publishing and rolling back are the owner's acts and meet none of them.
set role motcua_owner;

create table if not exists release.reader_scope (
    login name not null,
    unit_key text not null,
    given_by text not null default session_user,
    given_at timestamptz not null default clock_timestamp(),
    primary key (login, unit_key)
);
comment on table release.reader_scope is
'The units whose rows a login of motcua_bi_unit sees, with those below them. A login without a row sees none.';

create or replace function release.units_in_scope() returns setof text
language plpgsql stable security definer parallel safe set search_path = pg_catalog, pg_temp as $$
-- Of the login itself: no role it may take on changes that. Where a unit belongs is told by its newest version.
begin
    return query with recursive seen as (
        select scope.unit_key from release.reader_scope as scope where scope.login = session_user
        union
        select unit.unit_key from seen
        inner join marts.dim_unit as unit on unit.parent_unit_key = seen.unit_key and unit.is_current
    )
    select seen.unit_key from seen;
end
$$;

create or replace function release.scope_of_mart(mart_name text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
-- The condition under which a reader of one unit sees a row; null: never. Lists are open, what tells a unit is that unit's,
-- what tells only a dossier goes with the dossier, and what tells neither is of the whole jurisdiction.
    select case
        when mart.name ~ '^(dim|bridge|map)_' then 'true'
        when 'unit_key' = any(mart.columns) then '(unit_key in (select release.units_in_scope()))'
        when 'restated_unit_key' = any(mart.columns) then '(restated_unit_key in (select release.units_in_scope()))'
        when 'dossier_key' = any(mart.columns)
            then '(dossier_key in (select d.dossier_key from marts.fct_dossier as d))'
    end from release.mart as mart where mart.name = mart_name
$$;

create or replace function release.guard_rows(mart_name text) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Gives a published table its policies and says whether it lacked them. It locks out readers while it changes something,
-- so it changes only what is not as it should be: what a policy was made from is noted in its comment.
declare
    mart_table constant regclass := format('marts.%I', mart_name)::regclass;
    condition constant text := release.scope_of_mart(mart_name);
begin
    if (select relrowsecurity from pg_class where oid = mart_table) and (
        select count(*) filter (where polname = 'everything') = 1
        and coalesce(max(obj_description(oid, 'pg_policy')) filter (where polname = 'own_units'), '')
        = coalesce(condition, '')
        from pg_policy where polrelid = mart_table
    ) then
        return false;
    end if;
    execute format('drop policy if exists everything on %s', mart_table);
    execute format('drop policy if exists own_units on %s', mart_table);
    execute format(
        'create policy everything on %s for select '
        'to motcua_bi, motcua_inspector, motcua_checker, motcua_transformer using (true)', mart_table
    );
    if condition is not null then
        execute format('create policy own_units on %s for select to motcua_bi_unit using (%s)', mart_table, condition);
        execute format('comment on policy own_units on %s is %L', mart_table, condition);
    end if;
    execute format('alter table %s enable row level security', mart_table);
    execute format('grant select on %s to motcua_bi_unit', mart_table);
    return true;
end
$$;

do $$
begin
    revoke execute on function
    release.units_in_scope(), release.scope_of_mart(text), release.guard_rows(text) from public;
    grant execute on function release.units_in_scope() to motcua_bi_unit;
    grant select on release.reader_scope
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
