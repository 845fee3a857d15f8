with version as (

    select
        jurisdiction,
        unit_code,
        agency_id,
        unit_name,
        level,
        statistics_code,
        parent_code,
        territory_key,
        valid_from,
        valid_to,
        known_from,
        file_sha256,
        row_number,
        row_sha256,
        row_number() over (
            partition by jurisdiction, unit_code
            order by valid_from desc, valid_to desc nulls last
        ) as recency
    from {{ ref('int_unit__version') }}

),

territory as (

    select
        territory_key,
        valid_from,
        valid_to,
        kind,
        began_by,
        ended_by
    from {{ ref('int_territory__version') }}

),

sorted as (

    select
        version.jurisdiction,
        version.unit_code,
        version.valid_from,
        kind.kind,
        row_number() over (
            partition by version.jurisdiction, version.unit_code, version.valid_from
            order by length(kind.prefix) desc, kind.prefix asc
        ) as choice
    from version
    inner join {{ ref('unit_kind') }} as kind
        on version.unit_name like kind.prefix || '%' and version.level is not null and version.territory_key is null

)

select
    {{ version_key(key_in('version.jurisdiction', 'version.unit_code'), 'version.valid_from') }} as unit_version_key,
    {{ key_in('version.jurisdiction', 'version.unit_code') }} as unit_key,
    version.jurisdiction,
    version.unit_code,
    version.unit_name,
    -- Only lists in Vietnamese say a level.
    case when version.level is not null then version.unit_name end as unit_name_vi,
    version.level,
    case
        when sorted.kind is not null then sorted.kind
        when version.level = 'province' and version.statistics_code is null then 'department'
        else version.level
    end as kind,
    territory.kind as territory_kind,
    version.statistics_code,
    {{ key_in('version.jurisdiction', 'version.parent_code') }} as parent_unit_key,
    version.agency_id,
    version.territory_key,
    version.valid_from,
    version.valid_to,
    version.recency = 1 as is_current,
    version.known_from,
    case when version.valid_from = territory.valid_from then territory.began_by end as began_by,
    case when version.valid_to = territory.valid_to then territory.ended_by end as ended_by,
    version.file_sha256,
    version.row_number,
    version.row_sha256
from version
left join territory on territory.territory_key = version.territory_key
left join sorted
    on
        sorted.jurisdiction = version.jurisdiction
        and sorted.unit_code = version.unit_code
        and sorted.valid_from = version.valid_from
        and sorted.choice = 1
