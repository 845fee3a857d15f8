-- What whole lists said, and since which day: one row each time a list began to say something else. Of several readings
-- of one day the last counts. A list that says again what it said before a change is a state of its own.
with standing as (

    select
        delivery_id,
        source,
        stream,
        jurisdiction,
        zone,
        version,
        file_sha256
    from {{ ref('int_delivery__ranked') }}
    where kind = 'full'

),

-- Reading a list again moves its delivery's version: when it began to read so is noted apart.
noted as (

    select
        state.delivery_id,
        state.version
    from {{ source('audit', 'list_state') }} as state
    inner join {{ source('audit', 'delivery') }} as delivery on delivery.delivery_id = state.delivery_id
    -- The deployment's word on how new a list is stands above the clock by which it was read.
    where delivery.version_rule = 'reading'

),

told as (

    select
        standing.delivery_id,
        standing.source,
        standing.stream,
        standing.jurisdiction,
        standing.file_sha256,
        coalesce(noted.version, standing.version) as version,
        {{ local_date('coalesce(noted.version, standing.version)', 'standing.zone') }} as listed_on
    from standing
    left join noted on noted.delivery_id = standing.delivery_id

),

last_of_day as (

    select
        delivery_id,
        source,
        stream,
        jurisdiction,
        listed_on,
        file_sha256,
        row_number() over (
            partition by source, stream, listed_on
            order by version desc, file_sha256 desc
        ) as lateness
    from told

),

followed as (

    select
        delivery_id,
        source,
        stream,
        jurisdiction,
        listed_on,
        file_sha256,
        lag(delivery_id) over (
            partition by source, stream
            order by listed_on asc
        ) as delivery_id_before
    from last_of_day
    where lateness = 1

)

select
    delivery_id,
    source,
    stream,
    jurisdiction,
    listed_on,
    file_sha256,
    row_number() over (
        partition by source, stream
        order by listed_on asc, delivery_id asc
    ) as place
from followed
where delivery_id_before is null or delivery_id_before <> delivery_id
