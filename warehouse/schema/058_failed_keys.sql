-- What failed a check, row by row, and which deliveries it came with. Great Expectations caps its lists; here are all.
-- Written by the checker in the run, because the next build replaces the candidates the keys are of.
set role motcua_owner;

create table if not exists release.failed_key (
    run_id uuid not null,
    name text not null,
    place bigint not null check (place > 0),
    key jsonb not null,
    primary key (run_id, name, place),
    foreign key (run_id, name) references release.check_result (run_id, name)
);
comment on table release.failed_key is
'Every row that failed a check of a run, as the check names it; place orders them. Rows are only added.';

create table if not exists release.failed_delivery (
    run_id uuid not null,
    name text not null,
    delivery_id bigint not null references audit.delivery,
    keys bigint not null check (keys > 0),
    primary key (run_id, name, delivery_id),
    foreign key (run_id, name) references release.check_result (run_id, name)
);
comment on table release.failed_delivery is
'Deliveries that the failed rows came with, and how many of those rows each brought. Rows are only added.';

create or replace trigger rows_are_evidence before update or delete or truncate on release.failed_key
for each statement execute function release.refuse_change();
create or replace trigger rows_are_evidence before update or delete or truncate on release.failed_delivery
for each statement execute function release.refuse_change();

create or replace function release.trace_failed_keys(judged uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '128MB' as $$
-- With the caller's rights. A failed row names its file itself, or it names a row of a candidate that does: of the table
-- it is the key of, and for a dossier also of every system's record of it.
declare
    ways text;
begin
    select string_agg(format(
        'select f.name, f.place, d.delivery_id from release.failed_key as f '
        'inner join candidate.%I as c on c.%I = f.key ->> %L '
        'inner join audit.delivery as d on d.file_sha256 = c.file_sha256 and d.source = c.source where f.run_id = $1',
        way.mart, way.named, way.named
    ), ' union ' order by way.mart collate "C") into ways
    from (
        select name as mart, key_columns[1] as named from release.mart
        where cardinality(key_columns) = 1 and columns @> '{file_sha256,source}'
        union
        select name, 'dossier_key' from release.mart
        where name = 'fct_dossier_record' and columns @> '{file_sha256,source}'
    ) as way
    where exists (select from release.failed_key as f where f.run_id = judged and f.key ? way.named);
    execute format(
        'insert into release.failed_delivery (run_id, name, delivery_id, keys) '
        'select $1, traced.name, traced.delivery_id, count(*) from (%s) as traced group by traced.name, traced.delivery_id',
        concat_ws(
            ' union ',
            'select f.name, f.place, d.delivery_id from release.failed_key as f inner join audit.delivery as d '
            'on d.file_sha256 = f.key ->> ''file_sha256'' and d.source = f.key ->> ''source'' where f.run_id = $1',
            ways
        )
    ) using judged;
end
$$;

do $$
begin
    revoke execute on function release.trace_failed_keys(uuid) from public;
    grant execute on function release.trace_failed_keys(uuid) to motcua_checker;
    grant insert on release.failed_key, release.failed_delivery to motcua_checker;
    grant select on release.failed_key, release.failed_delivery
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
