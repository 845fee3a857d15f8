-- What sources dropped, one row an office, version and content: a delivery is bytes, and the same bytes from two
-- offices, or of two days, have come twice. Neither the order of landing nor the clock plays a part.
with delivery as (

    select
        delivery.delivery_id,
        delivery.source,
        delivery.stream,
        delivery.file_sha256,
        delivery.version,
        delivery.rows_read,
        delivery.rows_landed,
        delivery.rows_quarantined,
        case when delivery.retracted_at is null then 'stands' else 'retracted' end as outcome
    from {{ source('audit', 'delivery') }} as delivery
    inner join {{ source('reference', 'stream') }} as stream
        on stream.source = delivery.source and stream.stream = delivery.stream
    where not stream.asked and delivery.superseded_by is null

),

-- What landed before arrivals were noted is a delivery without one.
landed as (

    select
        delivery.delivery_id,
        delivery.source,
        delivery.stream,
        {{ agency_code("coalesce(arrival.office, '')") }} as office_code,
        delivery.file_sha256,
        coalesce(arrival.version, delivery.version) as version,
        arrival.came_at,
        delivery.rows_read,
        delivery.rows_landed,
        delivery.rows_quarantined,
        delivery.outcome,
        cast(null as {{ dbt.type_string() }}) as problem
    from delivery
    left join {{ source('audit', 'arrival') }} as arrival on arrival.delivery_id = delivery.delivery_id

),

refused as (

    select
        cast(null as {{ dbt.type_bigint() }}) as delivery_id,
        arrival.source,
        arrival.stream,
        {{ agency_code('arrival.office') }} as office_code,
        arrival.file_sha256,
        arrival.version,
        arrival.came_at,
        cast(null as {{ dbt.type_bigint() }}) as rows_read,
        cast(null as {{ dbt.type_bigint() }}) as rows_landed,
        cast(null as {{ dbt.type_bigint() }}) as rows_quarantined,
        'refused' as outcome,
        arrival.problem
    from {{ source('audit', 'arrival') }} as arrival
    where arrival.delivery_id is null and arrival.version is not null

),

every as (

    select
        delivery_id,
        source,
        stream,
        office_code,
        file_sha256,
        version,
        came_at,
        rows_read,
        rows_landed,
        rows_quarantined,
        outcome,
        problem
    from landed
    union all
    select
        delivery_id,
        source,
        stream,
        office_code,
        file_sha256,
        version,
        came_at,
        rows_read,
        rows_landed,
        rows_quarantined,
        outcome,
        problem
    from refused

),

-- A copy of a file under another name is the same arrival.
once as (

    select
        source,
        stream,
        office_code,
        file_sha256,
        version,
        outcome,
        max(delivery_id) as delivery_id,
        min(came_at) as came_at,
        max(rows_read) as rows_read,
        max(rows_landed) as rows_landed,
        max(rows_quarantined) as rows_quarantined,
        max(problem) as problem
    from every
    group by
        source,
        stream,
        office_code,
        file_sha256,
        version,
        outcome

)

select
    once.source,
    once.stream,
    once.office_code,
    once.file_sha256,
    once.version,
    once.outcome,
    once.delivery_id,
    once.came_at,
    once.rows_read,
    once.rows_landed,
    once.rows_quarantined,
    once.problem,
    jurisdiction.jurisdiction,
    jurisdiction.zone,
    -- The version is the end of its day, so the day is the one before that instant.
    {{ add_days(local_date('once.version', 'jurisdiction.zone'), -1) }} as bears_on,
    coalesce(
        ranked.kind = 'incremental'
        or (ranked.kind = 'full' and ranked.recency = 1)
        or (ranked.kind = 'snapshot' and ranked.recency_in_version = 1),
        false
    ) as counts
from once
inner join {{ source('reference', 'source') }} as deployed on deployed.source = once.source
inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
    on jurisdiction.jurisdiction = deployed.jurisdiction
left join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = once.delivery_id
