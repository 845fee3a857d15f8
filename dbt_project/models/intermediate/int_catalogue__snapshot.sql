-- Catalogue snapshots in their order, each with the one before it.
with standing as (

    select
        delivery_id,
        source,
        jurisdiction,
        zone,
        version,
        file_sha256
    from {{ ref('int_delivery__ranked') }}
    where kind = 'snapshot' and recency_in_version = 1

)

select
    delivery_id,
    source,
    jurisdiction,
    zone,
    version,
    file_sha256,
    -- A snapshot's version is the end of its day, so the day is the one before that instant.
    {{ add_days(local_date('version', 'zone'), -1) }} as snapshot_on,
    row_number() over (
        partition by source
        order by version asc, file_sha256 asc
    ) as place,
    lag(delivery_id) over (
        partition by source
        order by version asc, file_sha256 asc
    ) as delivery_id_before,
    lag(version) over (
        partition by source
        order by version asc, file_sha256 asc
    ) as version_before
from standing
