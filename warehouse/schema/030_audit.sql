-- Runs, files, deliveries: the ledger. Every attempt leaves a row, whatever came of it.
set role motcua_owner;

create table if not exists audit.run (
    run_id uuid primary key default gen_random_uuid(),
    deployment text not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    outcome text not null default 'running'
    check (outcome in ('running', 'published', 'unchanged', 'refused', 'failed', 'interrupted')),
    problem text,
    configuration jsonb not null,
    dagster_run_id text
);

create table if not exists audit.delivery (
    delivery_id bigint generated always as identity primary key,
    source text not null,
    stream text not null,
    kind text not null check (kind in ('full', 'snapshot', 'incremental')),
    file_sha256 text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
    file_name text not null,
    bytes bigint not null check (bytes >= 0),
    version timestamptz not null,
    version_rule text not null,
    rows_read bigint not null,
    rows_landed bigint not null check (rows_landed >= 0),
    rows_quarantined bigint not null check (rows_quarantined >= 0),
    landed_at timestamptz not null default clock_timestamp(),
    retracted_at timestamptz,
    retracted_because text,
    constraint nothing_lost check (rows_read = rows_landed + rows_quarantined)
);
-- Databases made before an increment could be empty hold the older check.
alter table audit.delivery drop constraint if exists delivery_rows_read_check;
alter table audit.delivery drop constraint if exists only_increments_are_empty;
alter table audit.delivery add constraint only_increments_are_empty
check (rows_read > 0 or (rows_read = 0 and kind = 'incremental'));
-- Read again by another contract, the same bytes are another delivery, and the one before counts no more.
alter table audit.delivery add column if not exists superseded_by bigint references audit.delivery;
alter table audit.delivery drop constraint if exists superseded_is_withdrawn;
alter table audit.delivery add constraint superseded_is_withdrawn
check (superseded_by is null or retracted_at is not null);
-- Else the same bytes are one delivery; a snapshot of another day is another, even when nothing changed between them.
alter table audit.delivery drop constraint if exists delivery_source_stream_file_sha256_version_key;
create unique index if not exists delivery_lands_once
on audit.delivery (source, stream, file_sha256, version) where superseded_by is null;
comment on column audit.delivery.superseded_by is
'The delivery that the same bytes became when they were read again by another contract.';
comment on column audit.delivery.version is
'How new the source says the delivery is (never when it landed); ties are decided by file_sha256.';

create table if not exists audit.delivery_attempt (
    attempt_id bigint generated always as identity primary key,
    run_id uuid not null references audit.run,
    source text not null,
    stream text not null,
    file_name text not null,
    file_sha256 text,
    bytes bigint,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    outcome text not null default 'running'
    check (outcome in ('running', 'landed', 'already_landed', 'refused', 'failed', 'interrupted')),
    problem text,
    message text,
    rows_read bigint not null default 0,
    rows_landed bigint not null default 0,
    rows_quarantined bigint not null default 0,
    delivery_id bigint references audit.delivery,
    constraint nothing_lost check (rows_read = rows_landed + rows_quarantined),
    constraint finished_says_when check ((outcome = 'running') = (finished_at is null)),
    constraint landed_has_delivery check ((outcome in ('landed', 'already_landed')) = (delivery_id is not null))
);

create table if not exists raw.quarantine (
    delivery_id bigint not null,
    source text not null,
    stream text not null,
    file_name text not null,
    row_number bigint not null,
    field text not null,
    value text not null,
    reason text not null
);
-- Added later: what was quarantined before was quarantined whole.
alter table raw.quarantine add column if not exists whole_row boolean not null default true;
comment on table raw.quarantine is
'Rows that did not land, and fields that landed null, and why: one line for each field at fault.';
comment on column raw.quarantine.whole_row is
'True when the row did not land; false when it landed with this field null.';

create table if not exists audit.pseudonym_key (
    only_row boolean primary key default true check (only_row),
    fingerprint text not null check (fingerprint ~ '^[0-9a-f]{12}$'),
    noted_at timestamptz not null default clock_timestamp()
);
comment on table audit.pseudonym_key is
'Fingerprint of the key under which personal values land here: under two keys, one person would be two.';

grant select, insert, update on audit.run, audit.delivery_attempt, audit.delivery to motcua_loader;
grant select, insert on raw.quarantine, audit.pseudonym_key to motcua_loader;
grant usage on all sequences in schema audit to motcua_loader;
grant select on audit.run, audit.delivery, audit.delivery_attempt, audit.pseudonym_key
to motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
reset role;
