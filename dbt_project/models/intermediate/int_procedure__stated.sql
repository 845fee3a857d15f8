-- What lists and catalogues say of each procedure, state by state. A track is one list of one source, with days of its
-- own.
with listed as (

    select
        state.jurisdiction,
        'system' as track,
        state.source,
        state.place,
        state.listed_on as stated_on,
        procedure.procedure_code,
        procedure.procedure_name,
        procedure.field_name,
        cast(null as {{ dbt.type_string() }}) as competent_unit_code,
        cast(null as {{ dbt.type_string() }}) as levels,
        cast(null as {{ dbt.type_string() }}) as content_sha1,
        procedure.time_limit,
        procedure.limit_unit,
        procedure.interlinking,
        procedure.has_workflow,
        procedure.is_essential,
        cast(null as {{ dbt.type_string() }}) as online_level
    from {{ ref('stg_provincial__procedure') }} as procedure
    inner join {{ ref('int_list__state') }} as state
        on
            state.delivery_id = procedure.delivery_id
            and state.source = 'provincial'
            and state.stream = 'procedure'

),

offered as (

    select
        state.jurisdiction,
        'offer' as track,
        state.source,
        state.place,
        state.listed_on as stated_on,
        offer.procedure_code,
        cast(null as {{ dbt.type_string() }}) as procedure_name,
        cast(null as {{ dbt.type_string() }}) as field_name,
        cast(null as {{ dbt.type_string() }}) as competent_unit_code,
        cast(null as {{ dbt.type_string() }}) as levels,
        cast(null as {{ dbt.type_string() }}) as content_sha1,
        cast(null as bigint) as time_limit,
        cast(null as {{ dbt.type_string() }}) as limit_unit,
        cast(null as {{ dbt.type_string() }}) as interlinking,
        cast(null as boolean) as has_workflow,
        cast(null as boolean) as is_essential,
        -- The highest at which any unit offers it.
        max(offer.online_level) as online_level
    from {{ ref('stg_provincial__procedure_unit') }} as offer
    inner join {{ ref('int_list__state') }} as state
        on
            state.delivery_id = offer.delivery_id
            and state.source = 'provincial'
            and state.stream = 'procedure_unit'
    group by
        state.jurisdiction,
        state.source,
        state.place,
        state.listed_on,
        offer.procedure_code

),

catalogued as (

    select
        jurisdiction,
        'catalogue' as track,
        source,
        place,
        snapshot_on as stated_on,
        procedure_code,
        procedure_name,
        field_name,
        competent_unit_code,
        levels,
        content_sha1,
        cast(null as bigint) as time_limit,
        cast(null as {{ dbt.type_string() }}) as limit_unit,
        cast(null as {{ dbt.type_string() }}) as interlinking,
        cast(null as boolean) as has_workflow,
        cast(null as boolean) as is_essential,
        cast(null as {{ dbt.type_string() }}) as online_level
    from {{ ref('int_catalogue__presence') }}

),

every as (

    select
        jurisdiction,
        track,
        source,
        place,
        stated_on,
        procedure_code,
        procedure_name,
        field_name,
        competent_unit_code,
        levels,
        content_sha1,
        time_limit,
        limit_unit,
        interlinking,
        has_workflow,
        is_essential,
        online_level
    from listed
    union all
    select
        jurisdiction,
        track,
        source,
        place,
        stated_on,
        procedure_code,
        procedure_name,
        field_name,
        competent_unit_code,
        levels,
        content_sha1,
        time_limit,
        limit_unit,
        interlinking,
        has_workflow,
        is_essential,
        online_level
    from offered
    union all
    select
        jurisdiction,
        track,
        source,
        place,
        stated_on,
        procedure_code,
        procedure_name,
        field_name,
        competent_unit_code,
        levels,
        content_sha1,
        time_limit,
        limit_unit,
        interlinking,
        has_workflow,
        is_essential,
        online_level
    from catalogued

)

select
    jurisdiction,
    track,
    source,
    place,
    stated_on,
    procedure_code,
    procedure_name,
    field_name,
    competent_unit_code,
    levels,
    content_sha1,
    time_limit,
    limit_unit,
    interlinking,
    has_workflow,
    is_essential,
    online_level,
    {{ grain_key([
        'procedure_name', 'field_name', 'competent_unit_code', 'levels', 'content_sha1', 'time_limit', 'limit_unit',
        'interlinking', 'has_workflow', 'is_essential', 'online_level',
    ]) }} as description_key
from every
