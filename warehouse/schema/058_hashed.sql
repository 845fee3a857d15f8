-- What a table holds, as one SHA-256 that costs what changed: the hashes of its rows lie in buckets by their first bits, the
-- hash of a table is made of the buckets' hashes, and only the buckets of rows that come or go are made again.
set role motcua_owner;

create table if not exists release.hashed_mart (
    mart text primary key references release.mart on delete cascade,
    columns text[] not null,
    counted bigint not null,
    depth integer not null
);
comment on table release.hashed_mart is
'The published tables whose rows'' hashes lie in hashed.<table>: of which columns, how many rows, in buckets of how many bits.';

create table if not exists release.rehashed_mart (
    mart text primary key references release.mart on delete cascade,
    columns text[] not null,
    counted bigint not null,
    depth integer not null,
    as_whole boolean not null
);
comment on table release.rehashed_mart is
'The same once the sealed candidate is published. The buckets that will be otherwise lie in rehashed.<table>: all, as a whole.';

create or replace function release.bucket_depth(counted bigint) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- By how many first bits of their hashes rows lie together: the fewest with which a bucket holds 16 rows or less on the
-- average. It follows from what is in the table alone, so that equal contents have equal hashes whatever came before.
    select coalesce(
        (select min(bits) from generate_series(0, 24) as given (bits) where counted <= 16 * (1::bigint << bits)), 24
    )
$$;

create or replace function release.bucket_of(hashed text, depth integer) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- The bucket of a row's hash, as SQL.
    select format(
        '((get_byte(%1$s, 0) * 65536 + get_byte(%1$s, 1) * 256 + get_byte(%1$s, 2)) >> %2$s)', hashed, 24 - depth
    )
$$;

create or replace function release.in_buckets(hashes text, depth integer) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- Of a query for the hashes h of rows: the query for its buckets, with the hashes in each in their order, and theirs.
    select format(
        'select bucket, hashes, sha256(hashes) as sha256 from ('
        'select %2$s as bucket, string_agg(h, '''' order by h) as hashes from (%1$s) as hashes group by 1) as buckets',
        hashes, release.bucket_of('h', depth)
    )
$$;

drop function if exists release.hashed_together(text);
create or replace function release.hashed_together(buckets text, out counted bigint, out hashed text)
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '128MB' as $$
-- Of a query for buckets: how many rows, and the SHA-256 of the buckets' hashes in their order.
begin
    execute 'select coalesce(sum(octet_length(hashes)) / 32, 0), '
        'encode(sha256(coalesce(string_agg(sha256, '''' order by bucket), '''')), ''hex'') '
        'from (' || buckets || ') as given' into counted, hashed;
end
$$;

create or replace function release.places_for_hashes(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if to_regclass(format('rehashed.%I', mart_name)) is null then
        execute format(
            'create table hashed.%I (bucket integer primary key, hashes bytea not null, sha256 bytea not null)', mart_name
        );
        execute format(
            'create table rehashed.%I (bucket integer primary key, hashes bytea not null, sha256 bytea not null)', mart_name
        );
    end if;
end
$$;

create or replace function release.rehash_whole(mart_name text, hashes text) returns void
language plpgsql set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set extra_float_digits = 1 set bytea_output = 'hex'
set work_mem = '128MB' as $$
-- All buckets, of a query for the hashes of all rows that the table is going to hold.
declare
    all_rows bigint;
    bits integer;
begin
    execute format('select count(*) from candidate.%I', mart_name) into all_rows;
    bits := release.bucket_depth(all_rows);
    execute format('truncate rehashed.%I', mart_name);
    execute format('insert into rehashed.%I (bucket, hashes, sha256) %s', mart_name, release.in_buckets(hashes, bits));
    insert into release.rehashed_mart (mart, columns, counted, depth, as_whole)
    select mart.name, mart.columns, all_rows, bits, true
    from release.mart as mart where mart.name = mart_name;
end
$$;

create or replace function release.rehash_noted(mart_name text, gone text, come text) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set extra_float_digits = 1 set bytea_output = 'hex'
set work_mem = '128MB' as $$
-- The buckets of rows that go and come, of a query for the hashes of either; empty ones too. False, with nothing done, when
-- a row that goes is in no bucket, or when there are so many rows afterwards that they lie otherwise.
declare
    held release.hashed_mart;
    before bigint;
    left_there bigint;
    added bigint;
    removed bigint;
begin
    select * into held from release.hashed_mart as known where known.mart = mart_name;
    execute format('truncate rehashed.%I', mart_name);
    execute format($query$
        with gone as materialized (%2$s),
        come as materialized (%3$s),
        touched as materialized (
            select distinct %4$s as bucket from (select h from gone union all select h from come) as moved
        ),
        standing as materialized (
            select b.bucket, substr(b.hashes, 1 + 32 * place, 32) as h
            from touched as t
            inner join hashed.%1$I as b on b.bucket = t.bucket
            cross join lateral generate_series(0, octet_length(b.hashes) / 32 - 1) as places (place)
        ),
        staying as materialized (
            select s.bucket, s.h from standing as s where not exists (select from gone as g where g.h = s.h)
        ),
        made as (
            insert into rehashed.%1$I (bucket, hashes, sha256)
            select t.bucket, coalesce(b.hashes, ''), coalesce(b.sha256, '')
            from touched as t
            left join (
                select bucket, string_agg(h, '' order by h) as hashes, sha256(string_agg(h, '' order by h)) as sha256
                from (select bucket, h from staying union all select %4$s, h from come) as filled group by bucket
            ) as b on b.bucket = t.bucket
        )
        select (select count(*) from standing), (select count(*) from staying),
            (select count(*) from come), (select count(*) from gone)
    $query$, mart_name, gone, come, release.bucket_of('h', held.depth)) into before, left_there, added, removed;
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
    else
        execute format('delete from hashed.%1$I as b using rehashed.%1$I as r where r.bucket = b.bucket', mart_name);
    end if;
    execute format(
        'insert into hashed.%1$I (bucket, hashes, sha256) '
        'select bucket, hashes, sha256 from rehashed.%1$I where hashes <> '''' order by bucket', mart_name
    );
    execute format('truncate rehashed.%I', mart_name);
    insert into release.hashed_mart as known (mart, columns, counted, depth)
    values (next.mart, next.columns, next.counted, next.depth)
    on conflict (mart) do update set columns = excluded.columns, counted = excluded.counted, depth = excluded.depth;
end
$$;

do $$
declare
    former text;
begin
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
    revoke all on all functions in schema release from public;
    grant select on release.hashed_mart, release.rehashed_mart to motcua_publisher, motcua_inspector;
end
$$;
reset role;
