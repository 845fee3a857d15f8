-- The deployment configuration as rows, so that zones, calendars, cut-offs and policies in use are data to the models.
set role motcua_owner;

create table if not exists reference.jurisdiction (
    jurisdiction text primary key,
    name text not null,
    name_vi text not null,
    zone text not null,
    calendar text,
    as_of timestamptz not null,
    default_policy text not null
);
create table if not exists reference.jurisdiction_policy (
    jurisdiction text not null references reference.jurisdiction on delete cascade,
    policy text not null,
    primary key (jurisdiction, policy)
);
create table if not exists reference.cut_off (
    jurisdiction text not null references reference.jurisdiction on delete cascade,
    cut_off timestamptz not null,
    primary key (jurisdiction, cut_off)
);
create table if not exists reference.source (
    source text primary key,
    jurisdiction text not null references reference.jurisdiction on delete cascade,
    owner text not null,
    credit text not null
);
grant select, insert, update, delete
on reference.jurisdiction, reference.jurisdiction_policy, reference.cut_off, reference.source to motcua_loader;
grant select on reference.jurisdiction, reference.jurisdiction_policy, reference.cut_off, reference.source
to motcua_transformer, motcua_checker, motcua_inspector;
reset role;
