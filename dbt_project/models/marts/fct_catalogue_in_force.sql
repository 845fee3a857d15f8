-- A procedure is in force from the snapshot in which it appears to the first one in which it no longer does.
with presence as (

    select
        jurisdiction,
        source,
        place,
        snapshot_on,
        procedure_code,
        competent_unit_code,
        file_sha256,
        row_number,
        row_sha256,
        row_number() over (
            partition by source, procedure_code
            order by place asc
        ) as appearance
    from {{ ref('int_catalogue__presence') }}

),

snapshot as (

    select
        source,
        place,
        snapshot_on
    from {{ ref('int_catalogue__snapshot') }}

),

-- Snapshots without a gap keep the difference of the two counts.
stretch as (

    select
        jurisdiction,
        source,
        procedure_code,
        min(place) as first_place,
        max(place) as last_place,
        min(snapshot_on) as valid_from
    from presence
    group by
        jurisdiction,
        source,
        procedure_code,
        place - appearance

)

select
    {{ grain_key(['stretch.jurisdiction', 'stretch.procedure_code', 'stretch.valid_from']) }} as in_force_key,
    stretch.jurisdiction,
    {{ key_in('stretch.jurisdiction', 'stretch.procedure_code') }} as procedure_key,
    {{ key_in('stretch.jurisdiction', 'presence.competent_unit_code') }} as competent_unit_key,
    stretch.valid_from,
    following.snapshot_on as valid_to,
    first_told.file_sha256,
    first_told.row_number,
    first_told.row_sha256
from stretch
inner join presence
    on
        presence.source = stretch.source
        and presence.procedure_code = stretch.procedure_code
        and presence.place = stretch.last_place
inner join presence as first_told
    on
        first_told.source = stretch.source
        and first_told.procedure_code = stretch.procedure_code
        and first_told.place = stretch.first_place
left join snapshot as following
    on following.source = stretch.source and following.place = stretch.last_place + 1
