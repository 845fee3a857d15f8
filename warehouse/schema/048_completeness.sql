-- What is expected of sources, and each dropped file as it came: whose it is, which day it bears, when it was dropped.
-- A delivery is bytes; two offices with nothing to tell drop the same bytes, and each of them has delivered.
set role motcua_owner;

create table if not exists reference.stream (
    source text not null references reference.source on delete cascade,
    stream text not null,
    asked boolean not null,
    primary key (source, stream)
);
comment on column reference.stream.asked is 'True when a run asks for it: its batches are cut by us, and are no event.';

create table if not exists reference.expected (
    source text not null references reference.source on delete cascade,
    place integer not null,
    every text not null check (every in ('day', 'working_day', 'week', 'month', 'quarter', 'half_year')),
    per text not null check (per in ('source', 'office')),
    about text not null,
    due_minutes integer not null check (due_minutes between 0 and 1439),
    days_after integer not null check (days_after >= 0),
    expected_from date,
    primary key (source, place)
);
create table if not exists reference.expected_stream (
    source text not null,
    place integer not null,
    stream text not null,
    primary key (source, place, stream),
    foreign key (source, place) references reference.expected on delete cascade
);
create table if not exists reference.expected_level (
    source text not null,
    place integer not null,
    level text not null,
    primary key (source, place, level),
    foreign key (source, place) references reference.expected on delete cascade
);

create table if not exists audit.arrival (
    arrival_id bigint generated always as identity primary key,
    source text not null,
    stream text not null,
    office text not null,
    file_name text not null,
    file_sha256 text not null,
    version timestamptz,
    came_at timestamptz not null,
    delivery_id bigint references audit.delivery,
    problem text,
    unique (source, stream, office, file_name, file_sha256),
    constraint refused_says_why check (delivery_id is not null or problem is not null)
);
comment on table audit.arrival is
'A dropped file as it came: one row for each office, name and bytes, however often a run sees it again.';
comment on column audit.arrival.office is
'The folder it lay in, where the contract says it names the office; else empty.';
comment on column audit.arrival.version is 'The version its name tells; null where the name tells none.';
comment on column audit.arrival.came_at is
'When the file was last written, as its folder says: the earliest of all times it was seen. Never when it landed.';

grant select, insert, update, delete
on reference.stream, reference.expected, reference.expected_stream, reference.expected_level to motcua_loader;
grant select on reference.stream, reference.expected, reference.expected_stream, reference.expected_level
to motcua_transformer, motcua_checker, motcua_inspector;
grant select, insert, update on audit.arrival to motcua_loader;
grant usage on all sequences in schema audit to motcua_loader;
grant select on audit.arrival to motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
reset role;
