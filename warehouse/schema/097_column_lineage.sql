-- From which columns each column of each model comes, once for each wording of the models and each version of the rules
-- by which that is read off them.
set role motcua_owner;

create table if not exists audit.project_lineage (
    project text not null check (project ~ '^[0-9a-f]{64}$'),
    method text not null,
    run_id uuid not null references audit.run,
    noted_at timestamptz not null default clock_timestamp(),
    primary key (project, method)
);
comment on table audit.project_lineage is
'For which models (by the SHA-256 of the dbt project) the lineage of columns is on record, and since which run.';

create table if not exists audit.column_lineage (
    project text not null,
    method text not null,
    model_schema text not null,
    model text not null,
    column_name text not null,
    source_schema text,
    source_table text,
    source_column text,
    kind text not null check (kind in ('unchanged', 'computed', 'rows', 'constant')),
    foreign key (project, method) references audit.project_lineage,
    unique nulls not distinct (
        project, method, model_schema, model, column_name, source_schema, source_table, source_column
    ),
    constraint constant_has_no_source check ((kind = 'constant') = (source_table is null)),
    constraint rows_are_of_a_table check ((kind in ('rows', 'constant')) = (source_column is null))
);
comment on table audit.column_lineage is
'One row for each column that a column of a model is made of; published tables as `marts`. It ends in raw tables.';
comment on column audit.column_lineage.kind is
'unchanged: passed on as it is; computed: an expression takes it; rows: its rows are counted; constant: no source.';

create or replace trigger rows_are_evidence before update or delete or truncate on audit.project_lineage
for each statement execute function release.refuse_change();
create or replace trigger rows_are_evidence before update or delete or truncate on audit.column_lineage
for each statement execute function release.refuse_change();

create or replace function audit.lineage_project(in_release bigint default null)
returns table (project text, method text)
language sql stable set search_path = pg_catalog, pg_temp as $$
    -- The models that made a release (of a rollback: the release it restores; by default the published one), or, where
    -- that is not on record, the last that were noted.
    select l.project, l.method
    from audit.project_lineage as l
    left join (
        select p.program ->> 'dbt_project_sha256' as project
        from release.release as r
        left join release.release as restored on restored.release_id = r.restores
        inner join audit.run_program as p on p.run_id = coalesce(restored.run_id, r.run_id)
        where r.release_id = coalesce(in_release, (select pointer.release_id from release.pointer as pointer))
    ) as made on made.project = l.project
    order by made.project is null, l.noted_at desc, l.method desc, l.project
    limit 1
$$;

create or replace function audit.lineage_of(
    of_table text, of_column text, downwards boolean default false, in_release bigint default null
)
returns table (
    depth integer, model_schema text, model text, column_name text,
    source_schema text, source_table text, source_column text, kind text
)
language sql stable set search_path = pg_catalog, pg_temp as $$
    -- Every step from a column up to what it is made of, or down to what is made of it: each once, at its smallest depth.
    -- The table with or without its schema. With its caller's rights.
    with recursive edge as materialized (
        select
            c.*,
            case when downwards then c.source_schema else c.model_schema end as from_schema,
            case when downwards then c.source_table else c.model end as from_table,
            case when downwards then c.source_column else c.column_name end as from_column,
            case when downwards then c.model_schema else c.source_schema end as to_schema,
            case when downwards then c.model else c.source_table end as to_table,
            case when downwards then c.column_name else c.source_column end as to_column
        from audit.column_lineage as c
        inner join audit.lineage_project(in_release) as p on p.project = c.project and p.method = c.method
    ),
    reached (depth, at_schema, at_table, at_column) as (
        select distinct
            0,
            e.from_schema,
            e.from_table,
            e.from_column
        from edge as e
        where of_table in (e.from_table, e.from_schema || '.' || e.from_table) and e.from_column = of_column
        union
        select
            r.depth + 1,
            e.to_schema,
            e.to_table,
            e.to_column
        from reached as r
        inner join edge as e
            on e.from_schema = r.at_schema and e.from_table = r.at_table and e.from_column = r.at_column
        -- Deeper than there are models lies nothing but a circle.
        where r.depth < 100
    ),
    first_reached as (
        select
            min(r.depth) as depth,
            r.at_schema,
            r.at_table,
            r.at_column
        from reached as r
        group by r.at_schema, r.at_table, r.at_column
    )
    select
        f.depth,
        e.model_schema,
        e.model,
        e.column_name,
        e.source_schema,
        e.source_table,
        e.source_column,
        e.kind
    from first_reached as f
    inner join edge as e
        on e.from_schema = f.at_schema and e.from_table = f.at_table and e.from_column = f.at_column
    order by f.depth, e.model_schema, e.model, e.column_name, e.source_schema, e.source_table, e.source_column
$$;
comment on function audit.lineage_of(text, text, boolean, bigint) is
'Where a column comes from, or what comes of it: select * from audit.lineage_of(''fct_dossier'', ''due_at'')';

do $$
begin
    grant select, insert on audit.project_lineage, audit.column_lineage to motcua_loader;
    grant select on audit.project_lineage, audit.column_lineage
    to motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
    revoke all on function audit.lineage_project(bigint), audit.lineage_of(text, text, boolean, bigint) from public;
    grant execute on function audit.lineage_project(bigint), audit.lineage_of(text, text, boolean, bigint)
    to motcua_inspector, motcua_loader;
end
$$;
reset role;
