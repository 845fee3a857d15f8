-- Closed periods ("chốt số"): which release a period's figures stand in for good, with the figures themselves. A closed
-- period is never changed, reopened or removed, and the release it stands in is kept whole (075_retention.sql).
set role motcua_owner;

create table if not exists release.closed_period (
    jurisdiction text not null,
    period text not null,
    from_cut_off timestamptz not null,
    to_cut_off timestamptz not null check (to_cut_off > from_cut_off),
    release_id bigint not null,
    verdict text not null check (verdict = 'pass'),
    figures jsonb not null,
    because text not null check (btrim(because) <> ''),
    closed_for text not null check (btrim(closed_for) <> ''),
    closed_by text not null default session_user,
    closed_at timestamptz not null default clock_timestamp(),
    primary key (jurisdiction, period),
    foreign key (release_id, verdict) references release.release (release_id, verdict)
);
comment on table release.closed_period is
'Periods whose published figures are frozen: the release they stand in, by whom, when and why. Rows are only added.';
comment on column release.closed_period.figures is
'By policy and cut-off (from, to) every measure of fct_timeliness, summed as it was published then.';
comment on column release.closed_period.closed_for is 'The person, as the program was told; closed_by is the login.';

create or replace trigger rows_are_evidence before update or delete or truncate on release.closed_period
for each statement execute function release.refuse_change();

create or replace function release.figures_at(body text, cut_off timestamptz) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
-- {policy: {measure: sum}} over the published counts: whatever measures fct_timeliness has today.
declare
    measures text;
    result jsonb;
begin
    select string_agg(format('%L, sum(t.%I)::bigint', attname, attname), ', ' order by attnum) into measures
    from pg_attribute
    where attrelid = 'marts.fct_timeliness'::regclass and attnum > 0 and not attisdropped
    and atttypid = 'bigint'::regtype and attname <> 'release_from';
    execute format(
        'select jsonb_object_agg(policy, measures) from (select t.policy, jsonb_build_object(%s) as measures '
        'from marts.fct_timeliness as t where t.jurisdiction = $1 and t.cut_off = $2 group by t.policy) as summed',
        measures
    ) into result using body, cut_off;
    return result;
end
$$;

create or replace function release.close_period(
    body text, name text, from_cut_off timestamptz, to_cut_off timestamptz, why text, person text
) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
    standing bigint;
    as_of timestamptz;
    at_from jsonb;
    at_to jsonb;
    figures jsonb;
begin
    -- The same lock as publishing: the figures are of the release that is written beside them.
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    select pointer.release_id into standing from release.pointer as pointer;
    if standing is null then
        raise exception 'nothing has been published yet' using errcode = 'no_data_found';
    end if;
    if exists (
        select from release.closed_period as held where held.jurisdiction = body and held.period = name
    ) then
        raise exception 'the period % of % is closed already', name, body using errcode = 'unique_violation';
    end if;
    select dim.as_of into as_of from marts.dim_jurisdiction as dim where dim.jurisdiction = body;
    if as_of is null or to_cut_off > as_of then
        raise exception 'the period % of % has not ended at the as-of instant of release %', name, body, standing
        using errcode = 'invalid_parameter_value';
    end if;
    at_from := release.figures_at(body, from_cut_off);
    at_to := release.figures_at(body, to_cut_off);
    -- Before the first dossier there is nothing to count, and so no row.
    if at_from is null and not exists (
        select from marts.fct_dossier as d where d.jurisdiction = body and d.received_at < from_cut_off
    ) then
        at_from := '{}';
    end if;
    if at_to is null or at_from is null then
        raise exception 'a cut-off of the period % of % is not published in release %', name, body, standing
        using errcode = 'invalid_parameter_value';
    end if;
    select jsonb_object_agg(policy, jsonb_build_object('from', at_from -> policy, 'to', at_to -> policy)) into figures
    from jsonb_object_keys(at_to) as policies (policy);
    insert into release.closed_period (
        jurisdiction, period, from_cut_off, to_cut_off, release_id, verdict, figures, because, closed_for
    ) values (body, name, from_cut_off, to_cut_off, standing, 'pass', figures, why, person);
    return standing;
end
$$;

do $$
begin
    revoke all on all functions in schema release from public;
    grant execute on function release.close_period(text, text, timestamptz, timestamptz, text, text) to motcua_publisher;
    grant select on release.closed_period
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
