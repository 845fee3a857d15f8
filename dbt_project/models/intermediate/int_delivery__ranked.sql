-- Which delivery of a stream is the newest: by the version its source gives it, ties by content, never by landing time.
with delivery as (

    select
        delivery_id,
        source,
        stream,
        kind,
        file_sha256,
        file_name,
        version
    from {{ source('audit', 'delivery') }}
    where retracted_at is null

),

belonging as (

    select
        delivery.delivery_id,
        delivery.source,
        delivery.stream,
        delivery.kind,
        delivery.file_sha256,
        delivery.file_name,
        delivery.version,
        jurisdiction.jurisdiction,
        jurisdiction.zone
    from delivery
    inner join {{ source('reference', 'source') }} as deployed on deployed.source = delivery.source
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = deployed.jurisdiction

),

ranked as (

    select
        delivery_id,
        source,
        stream,
        kind,
        file_sha256,
        file_name,
        version,
        jurisdiction,
        zone,
        row_number() over (
            partition by source, stream
            order by version desc, file_sha256 desc
        ) as recency,
        row_number() over (
            partition by source, stream, version
            order by file_sha256 desc
        ) as recency_in_version
    from belonging

)

select
    delivery_id,
    source,
    stream,
    kind,
    file_sha256,
    file_name,
    version,
    jurisdiction,
    zone,
    recency,
    recency_in_version
from ranked
