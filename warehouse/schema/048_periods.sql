-- Reporting periods as the deployment names them, and the instant that the ranking's "day before" stands for.
set role motcua_owner;

create table if not exists reference.period (
    jurisdiction text not null references reference.jurisdiction on delete cascade,
    period text not null,
    name text not null,
    name_vi text not null,
    period_from date not null,
    period_to date not null check (period_to > period_from),
    place integer not null,
    primary key (jurisdiction, period)
);
comment on column reference.period.period_to is 'The first day after the period.';
comment on column reference.period.place is 'Its place in the deployment file: the order in which it is shown.';

alter table reference.jurisdiction add column if not exists day_before_as_of timestamptz;
comment on column reference.jurisdiction.day_before_as_of is
'The same wall-clock time one local day before as_of.';

grant select, insert, update, delete on reference.period to motcua_loader;
grant select on reference.period to motcua_transformer, motcua_checker, motcua_inspector;
reset role;
