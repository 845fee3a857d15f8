-- Which column of a published table names a row of which other, as the models declare it, and one statement that
-- proves all of them on the candidates. Real foreign keys need one row a key; dimensions have one a key and validity.
set role motcua_owner;

create table if not exists release.mart_reference (
    mart text not null references release.mart on delete cascade,
    column_name text not null,
    to_mart text not null references release.mart on delete cascade,
    to_column text not null,
    primary key (mart, column_name)
);
comment on table release.mart_reference is 'Columns of published tables that name a row of another one.';

create or replace function release.unmet_references()
returns table (mart text, column_name text, key text, times bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp set work_mem = '128MB' as $$
-- With the caller's rights. Nothing declared is no proof of anything, and told as such.
declare
    proof text;
begin
    select string_agg(format(
        'select %L, %L, f.%I::text, count(*) from candidate.%I as f where f.%I is not null'
        ' and not exists (select 1 from candidate.%I as t where t.%I = f.%I) group by f.%I',
        declared.mart, declared.column_name, declared.column_name, declared.mart, declared.column_name,
        declared.to_mart, declared.to_column, declared.column_name, declared.column_name
    ), ' union all ' order by declared.mart, declared.column_name) into proof
    from release.mart_reference as declared;
    return query execute coalesce(proof, 'select ''no table'', ''declares a reference'', null::text, 0::bigint');
end
$$;
revoke execute on function release.unmet_references() from public;
grant execute on function release.unmet_references() to motcua_checker;
grant select on release.mart_reference
to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
reset role;
