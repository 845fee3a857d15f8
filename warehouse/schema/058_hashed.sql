-- What a table holds, as one SHA-256 that costs what changed: the hashes of its rows lie in buckets by their first
-- bits, that of a table is made of the buckets' hashes, and only the buckets of rows that come or go are made again.
set role motcua_owner;

create table if not exists release.hashed_mart (
    mart text primary key references release.mart on delete cascade,
    columns text[] not null,
    counted bigint not null,
    depth integer not null
);
comment on table release.hashed_mart is
'The tables whose rows'' hashes lie in hashed.<table>: of which columns, how many rows, in buckets of how many bits.';

create table if not exists release.rehashed_mart (
    mart text primary key references release.mart on delete cascade,
    columns text[] not null,
    counted bigint not null,
    depth integer not null,
    as_whole boolean not null
);
comment on table release.rehashed_mart is
'The same once the candidate is published. Buckets that will be otherwise lie in rehashed.<table>: all, as a whole.';

create table if not exists release.hashed_bucket (
    mart text not null,
    bucket integer not null,
    counted integer not null,
    sha256 bytea not null,
    primary key (mart, bucket)
);
comment on table release.hashed_bucket is
'How many hashes lie in each bucket of hashed.<table>, and their hash: what a table''s own is made of, apart from the
hashes, which are eight times as much to read.';

create or replace function release.bucket_depth(counted bigint) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- By how many first bits rows lie together: the fewest with which a bucket holds 32 rows or less on the average. It
-- follows from what is in the table alone, so that equal contents have equal hashes whatever came before.
    select coalesce(
        (select min(bits) from generate_series(0, 24) as given (bits) where counted <= 32 * (1::bigint << bits)), 24
    )
$$;

create or replace function release.placed_by(columns text[]) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- The column by whose hash rows are put into buckets; null where it is their own hash. What changes of a dossier, its steps
-- and events, before and after, lies in one bucket then, where a dozen were touched.
    select case when 'dossier_key' = any(columns) then 'dossier_key' end
$$;

create or replace function release.hash_of_row(columns text[], of_row text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- How the hash of a row is computed, as SQL: the SHA-256 of its published columns as one text. Only in functions that set
-- how dates, numbers and bytes are written, as content_of does.
    select format('sha256(convert_to(row(%s)::text, ''UTF8''))', string_agg(format('%s.%I', of_row, col), ', ' order by place))
    from unnest(columns) with ordinality as named (col, place)
$$;

create or replace function release.place_of_row(columns text[], of_row text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- The first 24 bits that say where a row lies, as SQL.
    select format(
        '(''x'' || encode(substr(%s, 1, 3), ''hex''))::bit(24)::integer',
        coalesce(
            case
                when release.placed_by(columns) is not null
                    then format('sha256(convert_to(coalesce(%s.%I::text, ''''), ''UTF8''))', of_row, release.placed_by(columns))
            end,
            release.hash_of_row(columns, of_row)
        )
    )
$$;

create or replace function release.in_buckets(relation text, columns text[], depth integer) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- The query for the buckets of a relation's rows, with the hashes in each in their order, how many, and theirs.
    select format(
        'select bucket, hashes, octet_length(hashes) / 32 as counted, sha256(hashes) as sha256 from ('
        'select place >> %s as bucket, string_agg(h, '''' order by h) as hashes from ('
        'select %s as place, %s as h from %s as t) as hashes group by 1) as buckets',
        24 - depth, release.place_of_row(columns, 't'), release.hash_of_row(columns, 't'), relation
    )
$$;

drop function if exists release.hashed_together(text);
create or replace function release.hashed_together(buckets text, out counted bigint, out hashed text)
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '128MB' set enable_mergejoin = off as $$
-- Of a query for buckets: how many rows, and the SHA-256 of the buckets' hashes in their order.
begin
    execute 'select coalesce(sum(counted), 0), '
        'encode(sha256(coalesce(string_agg(sha256, '''' order by bucket), '''')), ''hex'') '
        'from (' || buckets || ') as given' into counted, hashed;
end
$$;

create or replace function release.places_for_hashes(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- A page has room for one more of its 10 buckets, so that one made again stays in its page, and its index as it is.
begin
    if to_regclass(format('rehashed.%I', mart_name)) is null then
        execute format(
            'create table hashed.%I (bucket integer primary key, hashes bytea not null) with (fillfactor = 85)', mart_name
        );
        execute format(
            'create table rehashed.%I (bucket integer primary key, hashes bytea not null, counted integer not null, '
            'sha256 bytea not null)', mart_name
        );
    end if;
end
$$;

create or replace function release.columns_of(mart_name text) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
    select mart.columns from release.mart as mart where mart.name = mart_name
$$;

create or replace function release.rehash_whole(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set extra_float_digits = 1 set bytea_output = 'hex'
set work_mem = '128MB' as $$
-- All buckets, of every row of the candidate.
declare
    listed constant text[] := release.columns_of(mart_name);
    all_rows bigint;
    bits integer;
begin
    execute format('select count(*) from candidate.%I', mart_name) into all_rows;
    bits := release.bucket_depth(all_rows);
    execute format('truncate rehashed.%I', mart_name);
    execute format(
        'insert into rehashed.%I (bucket, hashes, counted, sha256) %s',
        mart_name, release.in_buckets(format('candidate.%I', mart_name), listed, bits)
    );
    insert into release.rehashed_mart (mart, columns, counted, depth, as_whole)
    values (mart_name, listed, all_rows, bits, true);
end
$$;

create or replace function release.rehash_noted(mart_name text) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '128MB' as $$
-- The buckets of rows that go and come, by the hashes that are noted of them; empty ones too. False, with nothing done, when
-- a row that goes is in no bucket, or when there are so many rows afterwards that they lie otherwise.
declare
    held release.hashed_mart;
    before bigint;
    left_there bigint;
    removed bigint;
    added bigint;
begin
    select * into held from release.hashed_mart as known where known.mart = mart_name;
    execute format('truncate rehashed.%I', mart_name);
    execute format($query$
        with touched as materialized (
            select place_gone >> %2$s as bucket from noted.%1$I where hash_gone is not null
            union select place_come >> %2$s from noted.%1$I where hash_come is not null
        ),
        standing as materialized (
            select b.bucket, substr(b.hashes, 1 + 32 * place, 32) as h
            from hashed.%1$I as b
            cross join lateral generate_series(0, octet_length(b.hashes) / 32 - 1) as places (place)
            where exists (select from touched as t where t.bucket = b.bucket)
        ),
        staying as materialized (
            select s.bucket, s.h from standing as s
            where not exists (select from noted.%1$I as n where n.hash_gone = s.h)
        ),
        filled as (
            select bucket, string_agg(h, '' order by h) as hashes
            from (
                select bucket, h from staying
                union all select place_come >> %2$s, hash_come from noted.%1$I where hash_come is not null
            ) as there group by bucket
        ),
        made as (
            insert into rehashed.%1$I (bucket, hashes, counted, sha256)
            select t.bucket, coalesce(f.hashes, ''), coalesce(octet_length(f.hashes) / 32, 0), sha256(coalesce(f.hashes, ''))
            from touched as t left join filled as f on f.bucket = t.bucket
        )
        select (select count(*) from standing), (select count(*) from staying), count(hash_gone), count(hash_come)
        from noted.%1$I
    $query$, mart_name, 24 - held.depth) into before, left_there, removed, added;
    if before - left_there <> removed or release.bucket_depth(held.counted - removed + added) <> held.depth then
        return false;
    end if;
    insert into release.rehashed_mart (mart, columns, counted, depth, as_whole)
    values (mart_name, held.columns, held.counted - removed + added, held.depth, false);
    return true;
end
$$;

create or replace function release.take_over_hashes(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- The sealed candidate is published: its buckets are the published table's from now on.
declare
    next release.rehashed_mart;
begin
    delete from release.rehashed_mart as known where known.mart = mart_name returning * into next;
    if next.mart is null then
        return;
    end if;
    if next.as_whole then
        execute format('truncate hashed.%I', mart_name);
        delete from release.hashed_bucket as held where held.mart = mart_name;
    end if;
    execute format(
        'insert into hashed.%1$I as held (bucket, hashes) select bucket, hashes from rehashed.%1$I where counted > 0 '
        'on conflict (bucket) do update set hashes = excluded.hashes', mart_name
    );
    execute format(
        'insert into release.hashed_bucket as held (mart, bucket, counted, sha256) '
        'select $1, bucket, counted, sha256 from rehashed.%I where counted > 0 '
        'on conflict (mart, bucket) do update set counted = excluded.counted, sha256 = excluded.sha256', mart_name
    ) using mart_name;
    execute format(
        'delete from hashed.%1$I as b using rehashed.%1$I as r where r.bucket = b.bucket and r.counted = 0', mart_name
    );
    execute format(
        'delete from release.hashed_bucket as b using rehashed.%I as r '
        'where b.mart = $1 and r.bucket = b.bucket and r.counted = 0', mart_name
    ) using mart_name;
    execute format('truncate rehashed.%I', mart_name);
    if next.as_whole then
        execute format('analyze hashed.%I', mart_name);
    end if;
    insert into release.hashed_mart as known (mart, columns, counted, depth)
    values (next.mart, next.columns, next.counted, next.depth)
    on conflict (mart) do update set columns = excluded.columns, counted = excluded.counted, depth = excluded.depth;
end
$$;

do $$
declare
    former text;
    noting text;
    held record;
begin
    for noting in select tablename from pg_tables where schemaname = 'noted' order by tablename collate "C" loop
        execute format(
            'alter table noted.%I add column if not exists hash_gone bytea, add column if not exists hash_come bytea, '
            'add column if not exists place_gone integer, add column if not exists place_come integer', noting
        );
    end loop;
    -- An earlier version of this program told noted keys apart as they came, and hashed some when they were published.
    for noting in
        select c.relname from pg_constraint as k inner join pg_class as c on c.oid = k.conrelid
        where k.contype = 'p' and c.relnamespace = 'noted'::regnamespace order by c.relname collate "C"
    loop
        execute format('alter table noted.%I drop constraint %I', noting, noting || '_pkey');
        update release.candidate as taken set compared_with = null where taken.mart = noting;
    end loop;
    -- An earlier version of this program kept the hash of each bucket beside the hashes in it.
    for former in
        select c.relname from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid
        where c.relnamespace = 'hashed'::regnamespace and c.relkind = 'r' and a.attname = 'sha256' and not a.attisdropped
        order by c.relname collate "C"
    loop
        execute format(
            'insert into release.hashed_bucket (mart, bucket, counted, sha256) '
            'select $1, bucket, octet_length(hashes) / 32, sha256 from hashed.%I', former
        ) using former;
        execute format('alter table hashed.%I drop column sha256', former);
        -- What was made for a release and not published is made again when a run seals.
        execute format('truncate rehashed.%I', former);
        execute format('alter table rehashed.%I add column counted integer not null', former);
        delete from release.rehashed_mart as made where made.mart = former;
        update release.candidate as taken set content = null where taken.mart = former;
    end loop;
    -- An earlier version of this program kept the hash of each row in the row, where every reader paid for it.
    for former in
        select c.relname from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid
        where
            c.relnamespace = 'marts'::regnamespace and c.relkind = 'r' and a.attname = 'row_fingerprint'
            and not a.attisdropped
        order by c.relname collate "C"
    loop
        execute format('alter table marts.%I drop column row_fingerprint', former);
    end loop;
    -- Each row's release was looked up as it was written. One function writes rows, with the number of the release that it
    -- has just made, and releases are never deleted.
    for held in
        select k.conrelid::regclass as of_table, k.conname from pg_constraint as k
        inner join pg_class as c on c.oid = k.conrelid
        where
            k.contype = 'f' and k.confrelid = 'release.release'::regclass
            and c.relnamespace in ('marts'::regnamespace, 'history'::regnamespace)
        order by c.relnamespace, c.relname collate "C", k.conname collate "C"
    loop
        execute format('alter table %s drop constraint %I', held.of_table, held.conname);
    end loop;
    revoke all on all functions in schema release from public;
    grant select on release.hashed_mart, release.rehashed_mart, release.hashed_bucket
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
