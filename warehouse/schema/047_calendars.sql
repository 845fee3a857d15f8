-- Working calendars that a deployment brings, and the rules of time a jurisdiction counts by. National calendars and
-- the rules themselves are seeds of the dbt project.
set role motcua_owner;

alter table reference.jurisdiction add column if not exists time_rules text;
comment on column reference.jurisdiction.time_rules is
'Rule set (working_rule) by which due dates are counted; null where none are.';

create table if not exists reference.calendar (
    calendar text primary key,
    based_on text,
    covered_from date,
    covered_to date
);
comment on table reference.calendar is
'Calendars of the deployment file; based_on names a national one, whose cover holds where this one names none.';

create table if not exists reference.calendar_hours (
    calendar text not null references reference.calendar on delete cascade,
    weekday integer not null check (weekday between 1 and 7),
    opens text not null,
    closes text not null,
    effective_from date,
    effective_to date,
    check (opens < closes)
);
create unique index if not exists calendar_hours_once
on reference.calendar_hours (calendar, weekday, opens, coalesce(effective_from, '-infinity'));

create table if not exists reference.calendar_day (
    calendar text not null references reference.calendar on delete cascade,
    day date not null,
    name text not null,
    name_vi text not null,
    primary key (calendar, day)
);
comment on table reference.calendar_day is
'Days with hours of their own, which stand in calendar_day_hours; without any the day is off.';

create table if not exists reference.calendar_day_hours (
    calendar text not null,
    day date not null,
    opens text not null,
    closes text not null check (opens < closes),
    primary key (calendar, day, opens),
    foreign key (calendar, day) references reference.calendar_day on delete cascade
);

grant select, insert, update, delete
on reference.calendar, reference.calendar_hours, reference.calendar_day, reference.calendar_day_hours to motcua_loader;
grant select on reference.calendar, reference.calendar_hours, reference.calendar_day, reference.calendar_day_hours
to motcua_transformer, motcua_checker, motcua_inspector;
reset role;
